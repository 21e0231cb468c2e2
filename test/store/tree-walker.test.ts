import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { geteuid, seteuid } from 'node:process'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type WalkOptions, walkTree } from '../../src/store/tree-walker.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A folder with empty or given files. */
async function treeWith(files: readonly (string | readonly [path: string, text: string])[]): Promise<string> {
  const root = join(await temporaryFolder(), 'tree')
  mkdirSync(root)
  for (const file of files) {
    const [path, text] = typeof file === 'string' ? [file, ''] : file
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

async function pathsIn(root: string, options?: WalkOptions): Promise<string[]> {
  return (await walkTree(root, options)).files.map((file) => file.path.join('/'))
}

describe('walkTree', () => {
  it('leaves out the working files of distro and what is about to be written, and names them', async () => {
    const root = await treeWith(['a', '.app.distro-0123456789abcdef/content/x', 'sub/.b.distro-lock', 'out.torrent', 'sub/out.torrent'])
    symlinkSync(root, join(dirname(root), 'alias'))
    const tree = await walkTree(root, { outputs: [join(dirname(root), 'alias', 'out.torrent')] })
    expect(tree.files.map(({ path }) => path.join('/'))).toEqual(['a', 'sub/out.torrent'])
    expect([...tree.leftOut].sort()).toEqual(['.app.distro-0123456789abcdef', 'out.torrent', 'sub/.b.distro-lock'])
  })

  it('finds every file, dot-files too, in the order of the bytes of their paths', async () => {
    const root = await treeWith(['b', 'a/x', 'a.b', 'a-b', '.hidden/.file', 'B', 'é', 'zz', '\u{1f600}', '\uffee'])
    expect(await pathsIn(root)).toEqual(['.hidden/.file', 'B', 'a-b', 'a.b', 'a/x', 'b', 'zz', 'é', '\uffee', '\u{1f600}'])
  })

  it('gives the same order whatever order the files were made in', async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-c.\-é]{1,3}(\/[a-c]{1,2})?$/), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(names, async (paths) => {
        const usable = paths.filter((path) => !/(^|\/)\.{1,2}(\/|$)/.test(path) && !paths.some((other) => other.startsWith(`${path}/`)))
        fc.pre(usable.length > 0)
        const [one, other] = [await treeWith(usable), await treeWith([...usable].reverse())]
        const found = await pathsIn(one)
        expect(found).toEqual(await pathsIn(other))
        expect(found.map((path) => Buffer.from(path).toString('hex'))).toEqual(
          usable.map((path) => Buffer.from(path).toString('hex')).sort(),
        )
        for (const root of [one, other]) rmSync(root, { recursive: true })
      }),
      { numRuns: 15 },
    )
  })

  it('says how long each file is and how long all are', async () => {
    const tree = await walkTree(await treeWith([['a', '12345'], 'b', ['c/d', '123']]))
    expect(tree.files.map((file) => file.lengthBytes)).toEqual([5, 0, 3])
    expect([tree.totalBytes, tree.isSingleFile, tree.name]).toEqual([8, false, 'tree'])
    expect(tree.files[0]?.stamp.lengthBytes).toBe(5)
  })

  it('takes a single file', async () => {
    const root = await treeWith([['a', '12345']])
    const tree = await walkTree(join(root, 'a'))
    expect(tree).toMatchObject({ root: join(root, 'a'), name: 'a', isSingleFile: true, totalBytes: 5, files: [{ path: ['a'] }] })
  })

  it('follows a link that is given as the root and keeps its name', async () => {
    const root = await treeWith(['a'])
    symlinkSync(root, join(root, '../current'))
    expect(await walkTree(join(root, '../current'))).toMatchObject({ root, name: 'current' })
  })

  it('takes links that stay in the tree, whatever they lead to, as the place that is meant', async () => {
    const root = await treeWith(['a', 'sub/deep/b'])
    const links = {
      'sub/up': '../a',
      'sub/folder': './deep/',
      'sub/deep/own': '.',
      broken: 'no/where',
      self: 'self',
      through: 'sub/folder/b',
    }
    for (const [path, text] of Object.entries(links)) symlinkSync(text, join(root, path))
    const { symlinks, files } = await walkTree(root)
    expect(files.map(({ path }) => path.join('/'))).toEqual(['a', 'sub/deep/b'])
    expect(symlinks.map(({ path, target }) => `${path.join('/')} ${target.join('/')}`)).toEqual([
      'broken no/where',
      'self self',
      'sub/deep/own sub/deep',
      'sub/folder sub/deep',
      'sub/up a',
      'through sub/folder/b',
    ])
  })

  it.each([
    ['/etc/passwd', 'which is absolute'],
    ['../outside', 'which leads out of the tree'],
    ['sub/../../outside', 'which leads out of the tree'],
    ['current/../a', 'which goes up from another link'],
    ['.', 'the tree itself'],
  ])('refuses a link to %s', async (text, why) => {
    const root = await treeWith(['a', 'sub/b'])
    symlinkSync('sub', join(root, 'current'))
    symlinkSync(text, join(root, 'link'))
    await expect(walkTree(root)).rejects.toMatchObject({
      code: 'INPUT_REFUSED',
      message: expect.stringContaining(`${join(root, 'link')} is a symbolic link to ${text}, ${why}`),
      hint: expect.stringContaining('--exclude'),
    })
    expect((await walkTree(root, { exclude: ['link'] })).symlinks).toHaveLength(1)
  })

  it('names folders in which nothing is published, unless they are left out themselves', async () => {
    const root = await treeWith(['a', 'maps/x.map', 'gone/b'])
    for (const path of ['empty', 'deep/er/est', 'full/of/nothing']) mkdirSync(join(root, path), { recursive: true })
    const { emptyDirectories } = await walkTree(root, { exclude: ['*.map', 'gone'] })
    expect(emptyDirectories.map((path) => path.join('/'))).toEqual(['deep/er/est', 'empty', 'full/of/nothing', 'maps'])
  })

  it('says which exclusions nothing matches that would be published', async () => {
    const root = await treeWith(['a.map', 'sub/b.log', 'gone/c', 'kept.log', '.distroignore'])
    const idleOf = async (...exclude: string[]): Promise<readonly string[]> => (await walkTree(root, { exclude })).idleExclusions
    expect(await idleOf('*.map', 'a.*', './sub/', '/gone')).toEqual([])
    expect(await idleOf('*.log', '!kept.log', '!b.*')).toEqual([])
    expect(await idleOf('*.txt', '*.map', '/b.log', '!nothing', 'gone', 'gone/c', 'A.MAP')).toEqual([
      '*.txt',
      '/b.log',
      '!nothing',
      'gone/c',
      'A.MAP',
    ])
    expect((await walkTree(join(root, 'a.map'), { exclude: ['*.log'] })).idleExclusions).toEqual(['*.log'])
  })

  it('refuses links out, FIFOs, sockets and devices together, each by name', async () => {
    const root = await treeWith(['a'])
    symlinkSync('/a', join(root, 'link'))
    execFileSync('mkfifo', [join(root, 'fifo')])
    const server = createServer().listen(join(root, 'socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
    const refusal = await walkTree(root).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'INPUT_REFUSED' })
    expect(String(refusal)).toContain(`${join(root, 'link')} is a symbolic link to /a, which is absolute`)
    expect(String(refusal)).toContain(`${join(root, 'fifo')} is a FIFO`)
    expect(String(refusal)).toContain(`${join(root, 'socket')} is a socket`)
    expect(await pathsIn(root, { exclude: ['link', 'fifo', 'socket'] })).toEqual(['a'])
    await expect(walkTree('/dev/null')).rejects.toMatchObject({
      code: 'INPUT_REFUSED',
      message: expect.stringContaining('is a device'),
      hint: 'Name a directory or a regular file that this user may read.',
    })
    await expect(walkTree(root, { exclude: ['link', 'socket'] })).rejects.toMatchObject({
      hint: 'Remove it, or leave it out with --exclude or a .distroignore file.',
    })
  })

  it('counts refusals beyond the first twenty', async () => {
    const root = await treeWith(['a'])
    for (let index = 0; index < 23; index++) symlinkSync('/a', join(root, `link${index}`))
    await expect(walkTree(root)).rejects.toThrow(/and 3 more\.$/)
  })

  it('refuses a name that is not UTF-8', async () => {
    const root = await treeWith(['a'])
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), '')
    await expect(walkTree(root)).rejects.toMatchObject({
      code: 'INPUT_REFUSED',
      message: expect.stringContaining('not UTF-8 (bytes 66ff)'),
    })
  })

  it('names a file and a directory that cannot be read', async () => {
    const root = await treeWith(['a', 'dir/b'])
    chmodSync(dirname(root), 0o755)
    chmodSync(join(root, 'a'), 0)
    chmodSync(join(root, 'dir'), 0)
    // The superuser may read everything: for the walk this test is nobody.
    const isRoot = geteuid?.() === 0
    if (isRoot) seteuid?.(65_534)
    const refusal = await walkTree(root).catch((error: unknown) => error)
    if (isRoot) seteuid?.(0)
    chmodSync(join(root, 'dir'), 0o700)
    expect(refusal).toMatchObject({
      code: 'INPUT_REFUSED',
      message: expect.stringContaining('dir cannot be read by this user'),
      hint: expect.stringMatching(/^Let this user read (?:it|them), or leave (?:it|them) out with --exclude/),
    })
    // access(2) goes by the real user, which a test cannot change and take back.
    if (!isRoot) expect(String(refusal)).toContain(`${join(root, 'a')} cannot be read by this user`)
  })

  it('refuses an empty tree and says when there is nothing at all', async () => {
    const root = await treeWith([])
    mkdirSync(join(root, 'empty/dirs'), { recursive: true })
    await expect(walkTree(root)).rejects.toMatchObject({ code: 'INPUT_REFUSED' })
    symlinkSync('nowhere', join(root, 'dangling'))
    await expect(walkTree(join(root, 'dangling'))).rejects.toMatchObject({
      code: 'INPUT_MISSING',
      message: `${join(root, 'dangling')} is a link to "nowhere", and nothing is there.`,
    })
    await expect(walkTree(join(root, 'absent'))).rejects.toMatchObject({ code: 'INPUT_MISSING' })
  })

  it('stops when it is aborted', async () => {
    const reason = new Error('stop')
    await expect(walkTree(await treeWith(['a']), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('what is left out', () => {
  const files = ['a.log', 'a.txt', 'deep/b.log', 'deep/node_modules/x', 'node_modules/y', 'build/out', 'src/build']

  it.each<[readonly string[], string[]]>([
    [['*.log'], ['a.txt', 'build/out', 'deep/node_modules/x', 'node_modules/y', 'src/build']],
    [['node_modules'], ['a.log', 'a.txt', 'build/out', 'deep/b.log', 'src/build']],
    [['/node_modules'], ['a.log', 'a.txt', 'build/out', 'deep/b.log', 'deep/node_modules/x', 'src/build']],
    [['build/'], ['a.log', 'a.txt', 'deep/b.log', 'deep/node_modules/x', 'node_modules/y', 'src/build']],
    [
      ['deep/**', 'src/*'],
      ['a.log', 'a.txt', 'build/out', 'node_modules/y'],
    ],
    [
      ['./build', '*.txt'],
      ['a.log', 'deep/b.log', 'deep/node_modules/x', 'node_modules/y', 'src/build'],
    ],
    [
      ['deep', '*.log', '!a.log'],
      ['a.log', 'a.txt', 'build/out', 'node_modules/y', 'src/build'],
    ],
  ])('by the lines %j is what a reader expects', async (exclude, left) => {
    expect(await pathsIn(await treeWith(files), { exclude })).toEqual(left)
  })

  it('by .distroignore follows the rules of .gitignore, the deeper file last', async () => {
    const root = await treeWith([
      ...files,
      ['.distroignore', '# comment\n*.log\n/build\nnode_modules/\n'],
      ['deep/.distroignore', '!b.log\n'],
      ['deep/more/.distroignore', '*\n!kept\n'],
      'deep/more/kept',
      'deep/more/lost',
    ])
    expect(await pathsIn(root)).toEqual(['a.txt', 'deep/b.log', 'deep/more/kept', 'src/build'])
  })

  it('by --exclude cannot be brought back by an ignore file', async () => {
    const root = await treeWith(['a.log', 'b', ['.distroignore', '!a.log']])
    expect(await pathsIn(root, { exclude: ['*.log'] })).toEqual(['b'])
  })

  it.each<[string, string[], string[]]>([
    ['!b', ['a', 'b'], ['a', 'b']],
    ['x(1)', ['x(1)', 'x1'], ['x1']],
    ['{b1,keep}', ['b1', 'keep', '{b1,keep}'], ['b1', 'keep']],
    ['#tmp#', ['#tmp#', 'a'], ['a']],
    ['README', ['README', 'readme'], ['readme']],
    ['a\\*', ['a*', 'ab'], ['ab']],
    ['!(a)', ['a', 'b'], ['a', 'b']],
    ['+(a)', ['a', 'aa'], ['a', 'aa']],
  ])('by the line %j is the same for --exclude and for .distroignore', async (line, names, left) => {
    expect(await pathsIn(await treeWith(names), { exclude: [line] })).toEqual(left)
    const inFile = line.startsWith('#') ? `\\${line}` : line
    expect(await pathsIn(await treeWith([...names, ['.distroignore', inFile]]))).toEqual(left)
  })

  it('leaves the rest there where a line brings back what no line left out', async () => {
    const root = await treeWith(['bin/app', 'data/f1', 'data/f7'])
    expect(await pathsIn(root, { exclude: ['data/**', '!bin'] })).toEqual(['bin/app'])
  })

  it('by ignore files is brought back by --exclude, a directory with what is in it', async () => {
    const root = await treeWith([
      ['.distroignore', 'data/*\nlogs/\nx[[]1]/\n'],
      ['deep/.distroignore', '*.log\n'],
      'data/f1',
      'data/f7',
      'deep/a.log',
      'deep/b.log',
      'logs/l1',
      'logs/l2/l3',
      'x[1]/y',
      'kept',
    ])
    expect(await pathsIn(root)).toEqual(['kept'])
    expect(await pathsIn(root, { exclude: ['!data/f7'] })).toEqual(['data/f7', 'kept'])
    expect(await pathsIn(root, { exclude: ['!deep/b.log'] })).toEqual(['deep/b.log', 'kept'])
    expect(await pathsIn(root, { exclude: ['!logs', 'l2'] })).toEqual(['kept', 'logs/l1'])
    expect(await pathsIn(root, { exclude: ['!logs/l1'] })).toEqual(['kept'])
    expect(await pathsIn(root, { exclude: ['!/x\\[1\\]'] })).toEqual(['kept', 'x[1]/y'])
  })

  it('is not even looked at', async () => {
    const root = await treeWith(['a', 'skip/b'])
    symlinkSync('nowhere', join(root, 'skip/link'))
    expect(await pathsIn(root, { exclude: ['skip'] })).toEqual(['a'])
  })
})
