import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { diskError } from '../../store/disk-error.ts'
import { checkReplaceable } from '../replace-file.ts'

/** Where a run writes down which hosts hold the tree; absolute, undefined for nowhere. */
interface ReportPlaces {
  readonly reportOut?: string | undefined
  readonly junitOut?: string | undefined
}

/**
 * Sees that reports can be written there, and removes those of an earlier run, so that one that fails before its end leaves none that says
 * it went well. Throws DISK_FAILED.
 */
export async function prepareReports({ reportOut, junitOut }: ReportPlaces): Promise<void> {
  if (reportOut !== undefined) await checkReplaceable(reportOut, `--report ${basename(reportOut)}.json`)
  if (junitOut !== undefined) await checkReplaceable(junitOut, `--report-junit ${basename(junitOut)}.xml`)
  for (const path of [reportOut, junitOut]) {
    if (path !== undefined) await rm(path, { force: true }).catch((cause: unknown) => Promise.reject(diskError(cause, 'replace', path)))
  }
}
