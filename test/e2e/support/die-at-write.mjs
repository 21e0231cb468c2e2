// Loaded into the built command before it starts: kills it in the middle of the write DIE_AT of content, of which half reaches the file.
// Workers write content; this is loaded into each of them as well, and they count together.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { env, kill, pid } from 'node:process'
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'

const counter = 'writes of content'
const real = fs.writeSync

if (isMainThread) setEnvironmentData(counter, new Int32Array(new SharedArrayBuffer(4)))
else {
  const writes = getEnvironmentData(counter)
  fs.writeSync = (file, bytes, offset, lengthBytes, position) => {
    const isLast = Atomics.add(writes, 0, 1) + 1 === Number(env.DIE_AT)
    const writtenBytes = real(file, bytes, offset, isLast ? Math.ceil(lengthBytes / 2) : lengthBytes, position)
    if (isLast) kill(pid, 'SIGKILL')
    return writtenBytes
  }
  syncBuiltinESMExports()
}
