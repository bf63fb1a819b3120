"""Pictures of a building model: plans, scenes, windows; knows only ifc.model."""
