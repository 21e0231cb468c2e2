/** What is said where the operating system gives no more file descriptors, for files and sockets alike. */
export interface OpenFileLimit {
  /** Follows a colon. */
  readonly reason: string
  readonly hint: string
}

const limits: Readonly<Record<string, OpenFileLimit>> = {
  EMFILE: {
    reason: 'the limit of open files, ulimit -n, is reached',
    hint: 'Raise it with ulimit -n before distro is started, or with LimitNOFILE= in the unit of systemd that starts it.',
  },
  ENFILE: {
    reason: 'the limit of open files of this machine, fs.file-max, is reached',
    hint: 'Raise it with sysctl fs.file-max, or end what holds so many files open.',
  },
}

/** Both of them, for who finds a reason in a sentence. */
export const openFileLimits: readonly OpenFileLimit[] = Object.values(limits)

/** How many causes of causes are looked at. */
const DEPTH = 5

/** The limit that an error, or what caused it, ran into, or that the system's word for it is; undefined if it was none. */
export function openFileLimit(cause: unknown): OpenFileLimit | undefined {
  if (typeof cause === 'string') return limits[cause]
  for (let error = cause, depth = 0; error instanceof Error && depth < DEPTH; error = error.cause, depth++) {
    const { code, message } = error as NodeJS.ErrnoException
    // A worker thread that could not be started has a code of its own, and the system's word, or what it means, at the end of its message.
    const told = / too many open files\.?$/i.test(message) ? 'EMFILE' : /: (E[MN]FILE)$/.exec(message)?.[1]
    const limit = limits[code ?? ''] ?? limits[told ?? '']
    if (limit !== undefined) return limit
  }
  return undefined
}
