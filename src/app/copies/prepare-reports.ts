import { open, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { DistroError } from '../../base/errors.ts'
import { diskError, systemCode } from '../../store/disk-error.ts'
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
  const start = await startOf(path)
  if (start === '' || REPORT_STARTS.some((report) => report.test(start))) return
  throw new DistroError('TARGET_DIFFERS', `Cannot write ${path}: what is there is no report of distro.`, {
    hint: `Name another file, such as ${example}, or remove this one if nobody needs it.`,
  })
}

/** How both kinds start; the names before `package` have 255 bytes at most, each of which is 6 at most where it is escaped. */
const REPORT_STARTS = [/^\{\s*"version":\s*\d+,\s*"infoHash":/, /^<\?xml [^>]*>\s*<testsuites>\s*<testsuite name="[^"]*" package="distro"/]
const START_BYTES = 4096

/** Empty where there is no file. */
async function startOf(path: string): Promise<string> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return ''
    throw diskError(cause, 'read', path)
  }
}
