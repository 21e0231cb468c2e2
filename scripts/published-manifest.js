// The package is a bundle: it is published from a manifest without dependencies, scripts or overrides.
// `prepack` builds and puts that manifest in place of package.json, `postpack` brings the repository's own back.
// The original waits in package.json.before-pack; a pack that died between the two is repaired by the next one.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifestPath = join(root, 'package.json')
const originalPath = `${manifestPath}.before-pack`
const publishedFields = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'repository',
  'type',
  'engines',
  'bin',
  'exports',
  'files',
]

if (process.argv[2] === 'restore') restore()
else write()

function write() {
  restore()
  execFileSync(process.execPath, [join(root, 'scripts/build.js'), '--clean'], { stdio: 'inherit' })
  const original = readFileSync(manifestPath, 'utf8')
  writeFileSync(originalPath, original)
  const manifest = JSON.parse(original)
  const published = Object.fromEntries(publishedFields.filter((name) => name in manifest).map((name) => [name, manifest[name]]))
  replaceManifest(`${JSON.stringify(published, null, 2)}\n`)
}

function restore() {
  if (!existsSync(originalPath)) return
  renameSync(originalPath, manifestPath)
}

function replaceManifest(text) {
  const unfinished = `${manifestPath}.new`
  writeFileSync(unfinished, text)
  renameSync(unfinished, manifestPath)
}
