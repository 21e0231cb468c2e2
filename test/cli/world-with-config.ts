import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { FakeWorld } from './fake-world.ts'

/** A world with a home and a working folder on disk, and what stands in their config files. */
export async function worldWithConfig(texts: { local?: string; own?: string; env?: Record<string, string> }): Promise<FakeWorld> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'work'))
  await mkdir(join(folder, 'home/.config/distro'), { recursive: true })
  if (texts.local !== undefined) await writeFile(join(folder, 'work/distro.config.json'), texts.local)
  if (texts.own !== undefined) await writeFile(join(folder, 'home/.config/distro/config.json'), texts.own)
  return new FakeWorld({ cwd: join(folder, 'work'), home: join(folder, 'home'), env: texts.env ?? {} })
}
