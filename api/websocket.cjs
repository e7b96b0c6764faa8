// Tells Redocly that x-websocket of an operation has the schemas of what a client sends
// and receives, so that it follows their $refs.
module.exports = () => ({
  id: "websocket",
  typeExtension: {
    oas3: (types) => ({
      ...types,
      Operation: {
        ...types.Operation,
        properties: { ...types.Operation.properties, "x-websocket": "WebSocket" },
      },
      WebSocket: { properties: { send: "Schema", receive: "Schema" } },
    }),
  },
});
