import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lockfile = JSON.parse(await readFile('package-lock.json', 'utf8')) as Lockfile
const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { readonly allowScripts: Readonly<Record<string, boolean>> }

test('the lockfile names every optional package of every platform, so that npm ci takes it (else: npm run lock)', () => {
  const missing = Object.entries(lockfile.packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isReachable(parent, name)),
  )
  expect(missing).toEqual([])
})

test('the lockfile names no registry host', () => {
  expect(Object.values(lockfile.packages).flatMap(({ resolved }) => resolved ?? [])).toEqual([])
})

test('no package may run a script when it is installed, and each that wants to is named', () => {
  const wanting = Object.entries(lockfile.packages).filter(([, { hasInstallScript }]) => hasInstallScript === true)
  const refused = Object.entries(manifest.allowScripts).filter(([, isAllowed]) => !isAllowed)
  expect(wanting.map(([path]) => path.replace(/.*node_modules\//, '')).sort()).toEqual(refused.map(([name]) => name).sort())
})

/** Whether a package at `parent` finds one called `name`, looking upwards as Node does. */
function isReachable(parent: string, name: string): boolean {
  const folders = parent.split('/node_modules/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'))
  return ['', ...folders].some((folder) => lockfile.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined)
}
