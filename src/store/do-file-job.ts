import { systemCode } from './disk-error.ts'
import type { CompareJob, CompareReply, CopyJob, CopyReply, FileFault, FileJob, FileReply, RemoveJob, RemoveReply } from './file-jobs.ts'
import { holdSameBytes } from './hold-same-bytes.ts'
import { lookNow } from './look.ts'
import { removeTreeNow } from './remove-tree.ts'
import { FileCopier } from './reuse/copy-file.ts'
import { syncPathNow } from './sync-path.ts'

/** Does a `FileJob`: blocks its thread, so it runs in a worker. One that was begun by a worker that died can be done again from its start. */
export function doFileJob(job: FileJob): FileReply {
  if (job.kind === 'look') return { kind: 'looked', looks: lookNow(job.paths).packed }
  if (job.kind === 'sync') return { kind: 'synced', fault: untilFault(job.paths, (path) => syncPathNow(path, job.isDataOnly)) }
  if (job.kind === 'copy') return copy(job)
  if (job.kind === 'compare') return compare(job)
  return remove(job)
}

function copy({ copies }: CopyJob): CopyReply {
  const copier = new FileCopier()
  const copied: CopyReply['copied'][number][] = []
  const fault = untilFault(copies, (each) => copied.push(copier.copy(each)))
  return { kind: 'copied', copied, fault }
}

function compare({ pairs }: CompareJob): CompareReply {
  let difference: number | undefined
  const fault = untilFault(pairs, (pair, index) => {
    if (difference === undefined && !holdSameBytes(pair)) difference = index
  })
  return { kind: 'compared', difference, fault }
}

function remove({ path }: RemoveJob): RemoveReply {
  const fault = untilFault([path], removeTreeNow)
  return { kind: 'removed', systemCode: fault?.systemCode }
}

/** Works on one item after the other, and stops at the first of which the system says that something is wrong. */
function untilFault<Item>(items: readonly Item[], work: (item: Item, index: number) => void): FileFault | undefined {
  for (const [index, item] of items.entries()) {
    try {
      work(item, index)
    } catch (error) {
      return { index, systemCode: systemCode(error) }
    }
  }
  return undefined
}
