import { readFileSync } from 'node:fs'
import { copyFile, mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import type { Child } from '../support/child.ts'
import { differingPaths } from '../support/differing-paths.ts'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'
import { ask } from '../web-server/support/http-client.ts'
import { DemoPlace } from './support/demo-place.ts'
import { codeBlocks, headings, tableRows } from './support/markdown.ts'

const page = readFileSync('README.md', 'utf8')
const done = { code: 0, signal: null }

describe('the README shows real output', () => {
  test('of the two commands', async () => {
    const place = await DemoPlace.open()
    const bootstrap = { 'dht-bootstrap': await place.type('distro dht').find('address', anyLine) }
    const [seedLine, ...seedOutput] = transcript('seed')
    const [fetchLine, ...fetchOutput] = transcript('fetch')
    expect(seedOutput.filter(isMagnet).map((magnet) => `distro fetch '${magnet}'`)).toEqual([fetchLine])

    const seed = place.type(seedLine ?? '', bootstrap)
    const magnet = await seed.find('magnet', (line) => (isMagnet(line) ? line : undefined))
    const host = await place.host('host')
    const fetch = place.type(`distro fetch '${magnet}'`, bootstrap, host)
    expect(await fetch.exited, fetch.output).toEqual(done)

    expect(await differingPaths(join(place.folder, 'dist'), join(host, 'dist'))).toEqual([])
    expect(lasting(seedOutput)).toEqual(lasting(seed.stdout.slice(0, seed.stdout.indexOf(magnet) + 1)))
    expect(lasting(fetchOutput)).toEqual(lasting(fetch.stdout.map((line) => line.replace(host, '/tmp/demo'))))
    for (const line of [...seedOutput, ...fetchOutput].filter(isProgress)) expect(line).toMatch(progressShape)
  })

  test('of a fetch with --json', async () => {
    const place = await DemoPlace.open()
    expect(await place.type('distro create dist/ -o app.torrent').exited).toEqual(done)
    const [line, ...output] = transcript('json')
    const fetch = place.type(line ?? '')
    expect(await fetch.exited, fetch.output).toEqual(done)
    const withoutTime = (text: string): string => text.replace(/"time":"[^"]*"/, '"time":""').replace(place.folder, '/tmp/demo')
    expect(output.map(withoutTime)).toEqual(fetch.stdout.map(withoutTime))
  })
})

describe('a recipe of the README works:', () => {
  test('from CI to three hosts', async () => {
    const place = await DemoPlace.open()
    const publishing = place.type(block('publish'), withoutDht)
    const hosts = await Promise.all(['one', 'two', 'three'].map((name) => place.host(name)))
    const fetches = await Promise.all(hosts.map((host) => deploy(place, block('deploy'), host)))
    for (const fetch of fetches) expect(await fetch.exited, fetch.output).toEqual(done)
    expect(await publishing.exited, publishing.output).toEqual(done)
    for (const host of hosts) expect(await differingPaths(join(place.folder, 'dist'), join(host, 'releases/app-1.2'))).toEqual([])
  })

  test('a host of a fleet', async () => {
    const place = await DemoPlace.open()
    place.type('distro seed dist/ --name app-1.2 --magnet-out magnet.txt', withoutDht)
    const host = await place.host('host')
    const fleet = await deploy(place, block('fleet'), host)
    expect(await fleet.exited, fleet.output).toEqual(done)
    expect(await readlink(join(host, 'current'))).toBe(join(host, 'releases/app-1.2'))
  })

  test('releases that are switched, and switched back', async () => {
    const place = await DemoPlace.open()
    const host = await place.host('host')
    for (const version of ['1', '2']) {
      await writeFile(join(place.folder, 'dist/version'), version)
      const seed = place.type('distro seed dist/ --name app --magnet-out magnet.txt', withoutDht)
      await seed.find('magnet', (line) => (isMagnet(line) ? line : undefined))
      const fetch = await deploy(place, block('releases'), host)
      expect(await fetch.exited, fetch.output).toEqual(done)
      expect(await readFile(join(host, 'app/current/version'), 'utf8')).toBe(version)
      await seed.stop()
    }
    const rollback = place.type(block('rollback'), {}, host)
    expect(await rollback.exited, rollback.output).toEqual(done)
    expect(await readFile(join(host, 'app/current/version'), 'utf8')).toBe('1')
  })

  test('which tries again after every code that may pass, and after no other', () => {
    const retried = /^ {4}([\d |]+)\) sleep/m.exec(block('fleet'))?.[1]?.split(' | ').map(Number)
    const mayPass = Object.values(exitCodes).filter(({ retry, exitCode }) => retry && exitCode < 128)
    expect(retried).toEqual([...new Set(mayPass.map(({ exitCode }) => exitCode))])
  })

  test('a seed that is a web seed too', async () => {
    const place = await DemoPlace.open()
    const here = `127.0.0.1:${await freePort()}`
    const seed = place.type(block('http seed').replace('8080', here.split(':')[1] ?? ''), withoutDht)
    const magnet = await seed.find('magnet', (line) => (isMagnet(line) ? line : undefined))
    expect(magnet).toContain(`&ws=${encodeURIComponent(`http://${here}/`)}`)
    const url = new URL(/http:\S+/.exec(block('http curl'))?.[0] ?? '')
    const { body } = await ask(`http://${here}${url.pathname}`)
    expect(body).toEqual(await readFile(join(place.folder, url.pathname)))
    expect((await ask(`http://${here}/dist.torrent`)).body).toEqual(await readFile(join(place.folder, 'dist.torrent')))
  })

  test('a fetch from nobody but a web seed', async () => {
    const place = await DemoPlace.open()
    const here = `127.0.0.1:${await freePort()}`
    const port = here.split(':')[1] ?? ''
    const seed = place.type(`distro seed dist/ --http ${port} --torrent-out with-seed.torrent`, withoutDht)
    await seed.find('magnet', (line) => (isMagnet(line) ? line : undefined))
    expect(await place.type('distro create dist/').exited).toEqual(done)
    const host = await place.host('host')
    const line = block('web seed').replace('10.0.0.1:8080', here).replace('/srv', host)
    const fetch = place.type(line, withoutDht)
    expect(await fetch.exited, fetch.output).toEqual(done)
    expect(await differingPaths(join(place.folder, 'dist'), join(host, 'dist'))).toEqual([])
    expect(fetch.output).toMatch(/^fetched dist: 24 MiB in .+; all of it from web seeds$/m)
  })

  test('what runs', async () => {
    const place = await DemoPlace.open()
    const seed = place.type('distro seed dist/', withoutDht)
    await seed.find('magnet', (line) => (isMagnet(line) ? line : undefined))
    const looking = place.type(block('ps'))
    expect(await looking.exited, looking.output).toEqual(done)
    expect(looking.stdout[1]).toMatch(/^[a-z0-9]{4} +seed +dist +seeding /)
  })

  test('a host that tells its rack', async () => {
    const place = await DemoPlace.open()
    place.type('distro seed dist/ --magnet-out magnet.txt --zone rack-1', withoutDht)
    const fetch = await deploy(place, block('zone'), await place.host('host'))
    expect(await fetch.exited, fetch.output).toEqual(done)
    expect(fetch.output).toMatch(/^zones: rack-7 \(ours\) 0 B in, 0 B out; rack-1 [\d.]+ MiB in, 0 B out$/m)
  })

  test('verifying a tree', async () => {
    const place = await DemoPlace.open()
    const verify = place.type(block('verify'))
    expect(await verify.exited, verify.output).toEqual(done)
    expect(verify.stdout.at(-1)).toBe('whole')
  })

  test('a closed network', async () => {
    const place = await DemoPlace.open()
    const here = `127.0.0.1:${await freePort()}`
    const local = (text: string): string =>
      text.replaceAll('10.0.0.1:6881', here).replace('10.0.0.1 --port 6881', here.replace(':', ' --port '))
    const dht = place.type(local(block('closed dht')))
    expect(await dht.find('address', anyLine)).toBe(here)
    const seed = place.type(local(block('closed seed')))
    await seed.find('magnet', (line) => (isMagnet(line) ? line : undefined))
    const host = await place.host('host')
    const fetch = place.type(local(block('closed fetch')), {}, host)
    expect(await fetch.exited, fetch.output).toEqual(done)
    expect(await differingPaths(join(place.folder, 'dist'), join(host, 'dist'))).toEqual([])
  })

  test('a file with settings', async () => {
    const place = await DemoPlace.open()
    await writeFile(join(place.folder, 'distro.config.json'), block('config'))
    const config = place.type('env -u DISTRO_LSD distro config')
    expect(await config.exited, config.output).toEqual(done)
    for (const [name, value] of Object.entries(JSON.parse(block('config')) as Readonly<Record<string, unknown>>)) {
      expect(config.stdout.find((line) => line.startsWith(`${name} `))).toMatch(
        new RegExp(`^${name} +${value} +"${name}" in .*distro.config.json$`),
      )
    }
  })

  test('the verbs as a library', async () => {
    const place = await DemoPlace.open()
    await mkdir(join(place.folder, 'node_modules'))
    await symlink(resolve('.'), join(place.folder, 'node_modules/distro'))
    await writeFile(join(place.folder, 'example.mjs'), block('library'))
    const example = place.type(`'${process.execPath}' example.mjs`)
    expect(await example.exited, example.output).toEqual(done)
    const infoHash = /[0-9a-f]{40}/.exec(block('closed fetch'))?.[0]
    expect(example.stdout.at(-1)).toBe(`${infoHash} whole`)
  })
})

describe('the README', () => {
  test('has its parts in the order that a reader needs', () => {
    expect(headings(page, 1)).toEqual(['distro'])
    const parts = ['Install', 'How it works', 'Recipes', 'Exit codes', 'JSON', 'Library', 'Limits', 'Figures', 'More']
    expect(headings(page, 2)).toEqual(parts)
  })

  test('says of every exit code what the program means by it', () => {
    const rows = tableRows(page, 'Exit codes').flatMap(([codes = '', , retry = '']) =>
      codes.split(', ').map((code) => [Number(code), retry === 'yes']),
    )
    const meant = Object.values(exitCodes).map(({ exitCode, retry }) => [exitCode, retry] as const)
    expect(new Map(rows as [number, boolean][])).toEqual(new Map([[0, false], ...meant]))
  })

  test('marks no block as tested that no test knows', () => {
    const marks = codeBlocks(page).flatMap(({ mark }) => (mark === undefined ? [] : [mark]))
    const known = [
      'seed',
      'fetch',
      'publish',
      'deploy',
      'fleet',
      'verify',
      'releases',
      'rollback',
      'closed dht',
      'closed seed',
      'closed fetch',
      'config',
      'http seed',
      'http curl',
      'web seed',
      'ps',
      'zone',
      'json',
      'library',
    ]
    expect(marks).toEqual(known)
  })

  test('installs the tarball that npm pack makes', () => {
    const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly name: string; readonly version: string }
    expect(page).toContain(`npm install -g ./${name}-${version}.tgz`)
  })

  test('shows no figure that is not among the results', async () => {
    const figures = /<!-- figures: begin.*?-->\n([\s\S]*?)<!-- figures: end -->/.exec(page)?.[1]
    expect(figures).toBeDefined()
    const results = await readFile('bench/results/README.md', 'utf8').catch(() => '')
    const measured = (figures ?? '').match(/\d+\.\d+/g) ?? []
    expect(measured.filter((figure) => !results.includes(figure))).toEqual([])
  })
})

const withoutDht = { dht: 'off' }
const progressShape =
  /^(hashing |checking|asking {2}|fetching|seeding ) (( [ \d]{3} %)? {2}[\d.]+\/[\d.]+ [KMG]iB| +\d+ peers?| +[\d.]+ [KMG]?i?B\/s up)/

function anyLine(line: string): string {
  return line
}

function isMagnet(line: string): boolean {
  return line.startsWith('magnet:')
}

function isProgress(line: string): boolean {
  return /^(hashing|checking|asking|fetching|seeding) /.test(line)
}

/** The block of the README that is marked so. */
function block(mark: string): string {
  const found = codeBlocks(page).find((each) => each.mark === mark)
  expect(found, mark).toBeDefined()
  return found?.text.trimEnd() ?? ''
}

/** The command of a transcript, and what it printed. */
function transcript(mark: string): readonly string[] {
  const [command = '', ...output] = block(mark).split('\n')
  expect(command.startsWith('$ ')).toBe(true)
  return [command.slice(2), ...output]
}

/** What is the same on every machine: no progress, no addresses, no times and rates, in no order. */
function lasting(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => !isProgress(line))
    .map((line) =>
      line
        .replace(/(&x\.pe=[^&\s]+)+/, '&x.pe=...')
        .replace(/listening on .* and/, 'listening on ... and')
        .replace(/in [\d.]+ s, [\d.]+ [KMG]iB\/s/, 'in ...'),
    )
    .sort()
}

/** Runs `text` at a host, once the magnet is there. */
async function deploy(place: DemoPlace, text: string, host: string): Promise<Child> {
  await until('magnet.txt', () => copyFile(join(place.folder, 'magnet.txt'), join(host, 'magnet.txt')).then(() => true))
  return place.type(text, withoutDht, host)
}
