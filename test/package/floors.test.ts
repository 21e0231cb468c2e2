import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const biome = join(process.cwd(), 'node_modules/@biomejs/biome/bin/biome')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'distro-floors-'))
  await cp('biome.json', join(folder, 'biome.json'))
  await cp('.gitignore', join(folder, '.gitignore'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the linter', () => {
  test.each([
    ['src/store/planted.ts', '../swarm/choker.ts', 'store/ is floor 2 and may import only base/ and torrent/.'],
    ['src/base/planted.ts', '../torrent/info.ts', 'base/ is floor 0 and may import no other folder.'],
    ['src/torrent/planted.ts', '../store/layout.ts', 'torrent/ is floor 1 and may import only base/.'],
    ['src/wire/planted.ts', '../store/layout.ts', 'wire/ is floor 2 and may import only base/ and torrent/.'],
    ['src/swarm/planted.ts', '../discovery/dht.ts', 'swarm/ is floor 3'],
    ['src/discovery/planted.ts', '../swarm/swarm.ts', 'discovery/ is floor 3'],
    ['src/web-server/planted.ts', '../swarm/swarm.ts', 'web-server/ is floor 3'],
    ['src/app/planted.ts', '../cli/run.ts', 'app/ is floor 4'],
    ['src/app/seed/planted.ts', '../../cli/run.ts', 'app/ is floor 4'],
    ['src/web-seed/http/planted.ts', '../../store/layout.ts', 'web-seed/ is floor 2'],
    ['src/cli/commands/planted.ts', '../../agent/service.ts', 'cli/ is floor 5'],
    ['src/swarm/planted.ts', 'node:net', 'network and disk come in from above'],
    ['src/swarm/planted.ts', 'node:fs/promises', 'network and disk come in from above'],
    ['src/swarm/planted.ts', 'node:dgram', 'network and disk come in from above'],
    ['src/torrent/planted.ts', 'node:fs', 'torrent/ states facts without I/O'],
    ['src/wire/planted.ts', '../index.ts', 'wire/ is floor 2'],
  ])('refuses in %s an import of %s and says why', async (path, source, sentence) => {
    expect(await lint(path, `import { thing } from '${source}'\n\nexport const use: unknown = thing\n`)).toContain(sentence)
  })

  test('refuses a type-only, a dynamic and a re-exported import all the same', async () => {
    const imports = [
      "import type { Thing } from '../swarm/a.ts'\n\nexport type Use = Thing\n",
      "export const use: Promise<unknown> = import('../swarm/a.ts')\n",
      "export { thing } from '../swarm/a.ts'\n",
    ]
    for (const text of imports) expect(await lint('src/store/planted.ts', text)).toContain('store/ is floor 2')
  })

  test.each([
    ['Date.now()', 'takes the Clock it is handed'],
    ['setTimeout(() => {}, 1)', 'takes the Clock it is handed'],
    ['performance.now()', 'takes the Clock it is handed'],
    ['Math.random()', 'takes the Random it is handed'],
    ['process.env', 'Only cli/world.ts touches the process'],
  ])('refuses %s inside swarm/', async (expression, sentence) => {
    expect(await lint('src/swarm/planted.ts', `export const use: unknown = ${expression}\n`)).toContain(sentence)
  })

  test.each([
    ['src/store/planted.ts', '../base/errors.ts'],
    ['src/store/planted.ts', '../torrent/info.ts'],
    ['src/store/planted.ts', './layout.ts'],
    ['src/store/planted.ts', 'node:fs/promises'],
    ['src/swarm/planted.ts', '../wire/link.ts'],
    ['src/web-server/planted.ts', '../store/seed-store.ts'],
    ['src/app/planted.ts', '../discovery/dht.ts'],
    ['src/app/planted.ts', '../web-server/content-server.ts'],
    ['src/app/seed/planted.ts', '../copies/copies-goal.ts'],
    ['src/app/seed/planted.ts', '../../web-seed/web-seed.ts'],
    ['src/web-seed/http/planted.ts', '../answers/redirect.ts'],
    ['src/cli/commands/planted.ts', '../../app/fetch/fetch.ts'],
    ['src/cli/commands/planted.ts', '../report/bar.ts'],
  ])('is content when %s imports %s', async (path, source) => {
    expect(await lint(path, `import { thing } from '${source}'\n\nexport const use: unknown = thing\n`)).toBe('')
  })
})

/** What the real linter, with the project's own rules, says of `text` at `path`; empty when it is content. */
async function lint(path: string, text: string): Promise<string> {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  try {
    return await new Promise((resolve) => {
      const words = [biome, 'lint', '--error-on-warnings', '--colors=off', path]
      execFile(process.execPath, words, { cwd: folder }, (error, stdout, stderr) =>
        resolve(error === null ? '' : (stdout + stderr).replaceAll(/\s+/g, ' ')),
      )
    })
  } finally {
    await rm(file)
  }
}
