import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { DistroError } from '../../base/errors.ts'
import { diskError } from '../../store/disk-error.ts'
import { isReport, startOfFile } from '../own-files.ts'
import { checkReplaceable } from '../replace-file.ts'

/** Where a run writes down which hosts hold the tree; absolute, undefined for nowhere. */
interface ReportPlaces {
  readonly reportOut?: string | undefined
  readonly junitOut?: string | undefined
}

/**
 * Sees that reports can be written there, and that nothing is there but a report, which is all that they replace. Gives what removes those
 * of an earlier run, to be called once all that is read was found good: a run that fails between then and its end leaves none that says it
 * went well. Throws DISK_FAILED or TARGET_DIFFERS.
 */
export async function prepareReports({ reportOut, junitOut }: ReportPlaces): Promise<() => Promise<void>> {
  if (reportOut !== undefined) await checkReport(reportOut, `--report ${basename(reportOut)}.json`)
  if (junitOut !== undefined) await checkReport(junitOut, `--report-junit ${basename(junitOut)}.xml`)
  return async () => {
    for (const path of [reportOut, junitOut]) {
      if (path !== undefined) await rm(path, { force: true }).catch((cause: unknown) => Promise.reject(diskError(cause, 'replace', path)))
    }
  }
}

async function checkReport(path: string, example: string): Promise<void> {
  await checkReplaceable(path, example)
  const start = await startOfFile(path)
  if (start === '' || isReport(start)) return
  throw new DistroError('TARGET_DIFFERS', `Cannot write ${path}: what is there is no report of distro.`, {
    hint: `Name another file, such as ${example}, or remove this one if nobody needs it.`,
  })
}
