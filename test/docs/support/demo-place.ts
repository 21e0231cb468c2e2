import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Child } from '../../support/child.ts'
import { writeRandomTree } from '../../support/random-tree.ts'
import { stoppedAtEnd } from '../../support/stopped-at-end.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A folder with the content that the README publishes, and a shell in which `distro` is the built command, on loopback only. */
export class DemoPlace {
  readonly folder: string
  readonly #bin: string

  private constructor(folder: string, bin: string) {
    this.folder = folder
    this.#bin = bin
  }

  /** The folder is gone when the test is over, and what runs in it is stopped. */
  static async open(): Promise<DemoPlace> {
    const root = await temporaryFolder()
    const bin = join(root, 'bin')
    await mkdir(bin)
    await writeFile(join(bin, 'distro'), `#!/bin/sh\nexec '${process.execPath}' '${resolve('bin/distro.js')}' "$@"\n`)
    await chmod(join(bin, 'distro'), 0o755)
    const place = new DemoPlace(join(root, 'demo'), bin)
    await writeRandomTree(join(place.folder, 'dist'), { seed: 7, files: 24, totalBytes: 24 * 1_024 ** 2 })
    return place
  }

  /** Makes a folder in it that stands for another host. */
  async host(name: string): Promise<string> {
    const path = join(this.folder, name)
    await mkdir(path)
    return path
  }

  /** Runs shell text as a person would type it, with both outputs in one; `settings` are DISTRO_ variables, by flag name. */
  type(text: string, settings: Readonly<Record<string, string>> = {}, cwd: string = this.folder): Child {
    const variables = Object.entries({ ...loopback, ...settings }).map(([name, value]) => [
      `DISTRO_${name.replaceAll('-', '_').toUpperCase()}`,
      value,
    ])
    const own = { HOME: cwd, PATH: `${this.#bin}:${process.env.PATH}`, NO_COLOR: '1', LANG: 'C.UTF-8' }
    const isOneCommand = !text.trim().includes('\n')
    const script = `exec 2>&1\n${isOneCommand && text.startsWith('distro ') && !text.includes('&&') ? 'exec ' : ''}${text}`
    return stoppedAtEnd(new Child('bash', ['-eu', '-c', script], { cwd, env: { ...own, ...Object.fromEntries(variables) } }))
  }
}

const loopback = { bind: '127.0.0.1', port: '0', lsd: 'off' }
