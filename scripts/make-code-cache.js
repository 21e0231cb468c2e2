// Writes the code caches of the bundles of the command. A cache holds what ran before it was written, so something is run here that
// touches most of what a command needs: a torrent is made, seeded over BitTorrent and HTTP, and fetched over either.
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { codeCacheOf, codeCachePath, loadBundle } from './load-with-code-cache.js'

const contentBytes = 3_000_000
const network = ['--bind', '127.0.0.1', '--port', '0', '--no-dht', '--no-lsd', '--timeout', '30s']

const dist = process.argv[2]
const { processWorld } = await import(pathToFileURL(join(dist, 'main.js')).href)
const bundles = new Map()
const { run } = loadBundle(join(dist, 'run.cjs'), (path, bundle) => bundles.set(path, bundle))
const folder = await mkdtemp(join(tmpdir(), 'distro-code-cache-'))
try {
  await practise(folder)
} finally {
  await rm(folder, { recursive: true, force: true })
}
for (const [path, bundle] of bundles) {
  const unfinished = `${codeCachePath(path)}.${process.pid}.new`
  await writeFile(unfinished, codeCacheOf(bundle))
  await rename(unfinished, codeCachePath(path))
}

async function practise(folder) {
  const [content, torrent] = [join(folder, 'content'), join(folder, 'content.torrent')]
  await writeFile(content, Buffer.alloc(contentBytes, 7))
  await command(['create', content, '--output', torrent])
  const seeding = events(['seed', content, '--http', '0', '--until-copies', '1', '--state-dir', join(folder, 'seed'), ...network])
  const { listen, http } = await seeding.ready
  for (const source of [
    ['--web-seed', http[0]],
    ['--peer', listen[0]],
  ]) {
    const [out, state] = [join(folder, `out${source[0]}`), join(folder, `state${source[0]}`)]
    await command(['fetch', torrent, '--out', out, '--state-dir', state, ...source, ...network])
  }
  await seeding.ended
}

/** Runs a command that talks JSON; `ready` is its event of that name, and rejects if it ends before it. */
function events(words) {
  let ended
  const ready = new Promise((resolve, reject) => {
    ended = command([...words, '--json'], (text) => {
      const event = JSON.parse(text)
      if (event.type === 'ready') resolve(event)
    })
    ended.then(() => reject(new Error(`distro ${words[0]} ended before it was ready`)), reject)
  })
  return { ready, ended }
}

/** Runs a command; throws unless it ends well. */
async function command(words, onLine = () => undefined) {
  const said = []
  const output = (write) => ({ write, isTerminal: false, columns: 80 })
  const exitCode = await run(words, {
    ...processWorld(),
    stdout: output(onLine),
    stderr: output((text) => said.push(text)),
    env: {},
    home: folder,
  })
  if (exitCode !== 0) throw new Error(`distro ${words.join(' ')} ended with ${exitCode}: ${said.join('')}`)
}
