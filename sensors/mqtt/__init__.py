"""MQTT 3.1.1 and 5 on asyncio: what a subscriber and a publisher of readings need, without a library."""
