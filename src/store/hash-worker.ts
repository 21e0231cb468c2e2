import { parentPort, workerData } from 'node:worker_threads'
import { digestFiles } from './digest-files.ts'
import { digestSpans } from './digest-spans.ts'
import { doFileJob } from './do-file-job.ts'
import type { HashJob, HashReply } from './hash-jobs.ts'
import { scanFile } from './reuse/scan-file.ts'
import { storePiece } from './store-piece.ts'

/**
 * The program of a hash worker: jobs in, as many replies out, in order. Its whole state is the shared memory of the piece slots,
 * so a job that was lost with its worker can be given to another.
 */
const memory = workerData as Uint8Array | undefined

parentPort?.on('message', (jobs: readonly HashJob[]) => parentPort?.postMessage(jobs.map(reply)))

function reply(job: HashJob): HashReply {
  if (job.kind === 'digest') return digestSpans(job)
  if (job.kind === 'digest-files') return digestFiles(job)
  if (job.kind === 'scan') return scanFile(job)
  if (job.kind === 'store') return storePiece(memory ?? new Uint8Array(0), job)
  return doFileJob(job)
}
