// Stands in for the package `undici` in the bundle, which has twice as much in it as a web seed needs (fetch, WebSocket, caches,
// mocks) and takes three times as long to load.
import connect from '../node_modules/undici/lib/api/api-connect.js'
import buildConnector from '../node_modules/undici/lib/core/connect.js'
import Agent from '../node_modules/undici/lib/dispatcher/agent.js'
import Dispatcher from '../node_modules/undici/lib/dispatcher/dispatcher.js'
import Pool from '../node_modules/undici/lib/dispatcher/pool.js'
import ProxyAgent from '../node_modules/undici/lib/dispatcher/proxy-agent.js'

// As the package does: with it a ProxyAgent asks for a tunnel.
Dispatcher.prototype.connect = connect

export { Agent, buildConnector, Pool, ProxyAgent }
