// Stands in for the package `undici` in the bundle, which has twice as much in it as a web seed needs (fetch, WebSocket, caches,
// mocks) and takes three times as long to load.
import buildConnector from '../node_modules/undici/lib/core/connect.js'
import Agent from '../node_modules/undici/lib/dispatcher/agent.js'
import ProxyAgent from '../node_modules/undici/lib/dispatcher/proxy-agent.js'

export { Agent, buildConnector, ProxyAgent }
