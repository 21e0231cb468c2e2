// Adds to package-lock.json the optional packages of other platforms that npm left out.
//
// npm drops an optional package from the lockfile when the registry it asked does not carry it (a mirror that holds
// Linux builds only, for example), and `npm ci` then refuses the very file that npm wrote. The entries added here
// hold the exact version and the platform, which is all npm needs to skip them here and to fetch them elsewhere.
// Run it after `npm install`; `test/package/lockfile.test.ts` fails when it was forgotten.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const lockfilePath = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const platformName =
  /(android|darwin|linux|freebsd|openbsd|netbsd|sunos|aix|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x|loong64)(?:-(.+))?$/

/** The optional packages that an entry of the lockfile names and that have no entry of their own, as `[name, version, parent]`. */
export function missingOptionalPackages(lockfile) {
  return Object.entries(lockfile.packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isReachable(lockfile.packages, parent, name))
      .map(([name, version]) => ({ name, version, parent })),
  )
}

function isReachable(packages, parent, name) {
  for (let folder = parent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true
    if (folder === '') return false
  }
}

function entryFor({ name, version, parent }, packages) {
  const [, os, cpu, abi] = platformName.exec(name) ?? []
  if (os === undefined || cpu === undefined || !/^\d/.test(version)) {
    throw new TypeError(`${name}@${version} names no platform or no exact version: add it to package-lock.json by hand`)
  }
  const libc = os !== 'linux' || abi === undefined ? {} : { libc: [abi.startsWith('musl') ? 'musl' : 'glibc'] }
  return { version, cpu: [cpu], ...(packages[parent].dev === true ? { dev: true } : {}), ...libc, optional: true, os: [os] }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lockfile = JSON.parse(readFileSync(lockfilePath, 'utf8'))
  const missing = missingOptionalPackages(lockfile)
  for (const found of missing) lockfile.packages[`node_modules/${found.name}`] = entryFor(found, lockfile.packages)
  const sorted = Object.entries(lockfile.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
  lockfile.packages = Object.fromEntries(sorted)
  writeFileSync(lockfilePath, `${JSON.stringify(lockfile, null, 2)}\n`)
  console.log(`added ${missing.length} optional packages of other platforms to package-lock.json`)
}
