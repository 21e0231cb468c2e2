// Stands in for the package `undici` in the bundle, which has twice as much in it as a web seed needs (fetch, WebSocket, caches,
// mocks) and takes three times as long to load.
module.exports = {
  Agent: require('../node_modules/undici/lib/dispatcher/agent.js'),
  ProxyAgent: require('../node_modules/undici/lib/dispatcher/proxy-agent.js'),
  buildConnector: require('../node_modules/undici/lib/core/connect.js'),
}
