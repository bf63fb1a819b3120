"""The live twin: feeds, store and alarms of one project, put together."""
