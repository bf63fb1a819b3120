"""One module per metric: ``compute(model, climate, project) -> MetricResult``."""
