import { execFile } from 'node:child_process'
import { lstat } from 'node:fs/promises'
import { arch, platform } from 'node:os'

/** The number of renameat2(2) on Linux by processor, for perl, which knows no name of it. */
const RENAMEAT2: Readonly<Record<string, number>> = { x64: 316, arm64: 276, riscv64: 276, loong64: 276, ppc64: 357, s390x: 347 }

/** AT_FDCWD twice, and RENAME_EXCHANGE. */
const PERL = 'exit(syscall($ARGV[0] + 0, -100, $ARGV[1], -100, $ARGV[2], 2) == 0 ? 0 : 1)'

const TIMEOUT_MS = 10_000

/**
 * Exchanges what is at two absolute paths of one file system in one step, so that at no moment there is nothing at either. Node has no such
 * call; `mv` of coreutils 9.5 and perl can make it on Linux. False, and nothing happened, where there is neither, or the file system does not do it.
 */
export async function exchange(one: string, other: string): Promise<boolean> {
  // Elsewhere these numbers mean other calls.
  if (platform() !== 'linux') return false
  const call = RENAMEAT2[arch()]
  const ways = [
    ['mv', '--exchange', '--no-target-directory', '--', one, other],
    ...(call === undefined ? [] : [['perl', '-e', PERL, '--', String(call), one, other]]),
  ] as const
  const before = await lstat(one, { bigint: true })
  for (const [program, ...words] of ways) {
    await new Promise((resolve) => execFile(program as string, words, { timeout: TIMEOUT_MS }, resolve))
    // Whatever it said, and however it ended: what counts is where the one is.
    const now = await lstat(other, { bigint: true })
    if (now.ino === before.ino && now.dev === before.dev) return true
  }
  return false
}
