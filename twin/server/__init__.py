"""The server of a live twin: REST, WebSocket, accounts, privacy (extra ``server``)."""
