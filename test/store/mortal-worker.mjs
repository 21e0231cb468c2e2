// A hash worker that dies at its first jobs: the number of deaths left stands in the first byte of the shared memory.
import process from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'

parentPort.on('message', (jobs) => {
  if (workerData[0] > 0) {
    Atomics.sub(workerData, 0, 1)
    process.exit(3)
  }
  parentPort.postMessage(jobs.map(() => ({ kind: 'stored', blockDigests: undefined })))
})
