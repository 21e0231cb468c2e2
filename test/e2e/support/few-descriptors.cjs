// Loaded into the built command before it starts: takes all file descriptors that the system gives but SPARE, at once or, where AT names one
// of the calls below, right before that is made for the first time. What fails then, fails as it does for a person with a low limit.
const { ChildProcess } = require('node:child_process')
const { closeSync, openSync } = require('node:fs')
const { Socket: UdpSocket } = require('node:dgram')
const { Server, Socket } = require('node:net')
const { env } = require('node:process')
const { isMainThread } = require('node:worker_threads')

const calls = {
  bind: [UdpSocket.prototype, 'bind'],
  connect: [Socket.prototype, 'connect'],
  listen: [Server.prototype, 'listen'],
  spawn: [ChildProcess.prototype, 'spawn'],
}
const spare = Number(env.SPARE)

// Not again in threads and processes that it starts.
if (isMainThread && env.SPARE !== undefined) {
  delete env.SPARE
  const [owner, name] = calls[env.AT] ?? []
  if (owner === undefined) takeAllBut(spare)
  else takeBefore(owner, name)
}

function takeBefore(owner, name) {
  const real = owner[name]
  owner[name] = function (...words) {
    owner[name] = real
    takeAllBut(spare)
    return real.apply(this, words)
  }
}

function takeAllBut(count) {
  const taken = []
  try {
    for (;;) taken.push(openSync('/dev/null'))
  } catch (error) {
    if (error.code !== 'EMFILE') throw error
  }
  for (const file of taken.slice(0, count)) closeSync(file)
}
