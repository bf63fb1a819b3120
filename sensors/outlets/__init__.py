"""What is handed on to other systems: a durable queue, and one module per way of sending."""
