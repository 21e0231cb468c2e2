import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CopyReport } from '../../../src/app/copies/copy-report.ts'
import { prepareReports } from '../../../src/app/copies/prepare-reports.ts'
import type { VerbEvents } from '../../../src/app/events.ts'
import { Events } from '../../../src/base/events.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('the places of reports', () => {
  it('are free of the reports of an earlier run once that is asked for, and not before', async () => {
    const folder = await temporaryFolder()
    const [path, junitPath] = [join(folder, 'report.json'), join(folder, 'report.xml')]
    // A name of which every character is escaped is as long as one can be.
    const about = { infoHash: new Uint8Array(20), name: '"'.repeat(255), bytes: 1 }
    const report = new CopyReport(
      { path, junitPath, about: () => about, goal: { copies: 1, inZones: undefined } },
      new Events<VerbEvents>(),
    )
    await report.write({ goalMet: true, copies: 1, expected: undefined })
    const removeEarlier = await prepareReports({ reportOut: path, junitOut: junitPath })
    expect(await readdir(folder)).toHaveLength(2)
    await removeEarlier()
    expect(await readdir(folder)).toEqual([])
  })

  it('may be empty files, such as mktemp makes, and new ones', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'empty'), '')
    await (await prepareReports({ reportOut: join(folder, 'empty'), junitOut: join(folder, 'new.xml') }))()
    expect(await readdir(folder)).toEqual([])
  })

  it('are never those of other files', async () => {
    const file = join(await temporaryFolder(), 'VERSION')
    for (const text of ['1.0\n', '{"version":1}', '<?xml version="1.0"?>\n<testsuites>\n  <testsuite name="jest" tests="1">']) {
      await writeFile(file, text)
      await expect(prepareReports({ junitOut: file })).rejects.toMatchObject({
        code: 'TARGET_DIFFERS',
        message: `Cannot write ${file}: what is there is no report of distro.`,
        hint: 'Name another file, such as --report-junit VERSION.xml, or remove this one if nobody needs it.',
      })
      expect(await readFile(file, 'utf8')).toBe(text)
    }
  })
})
