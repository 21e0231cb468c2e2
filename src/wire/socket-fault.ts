import { openFileLimit } from '../base/open-file-limit.ts'

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the peer reset the connection',
  EPIPE: 'the peer closed the connection',
  ETIMEDOUT: 'the network gave no answer',
  EHOSTUNREACH: 'no route to the peer',
  ENETUNREACH: 'no route to the peer',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'the connection is not allowed',
  EPERM: 'the connection is not allowed',
}

/** What an error of a socket means, in a few words. */
export function socketFault(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code
  return (
    (code === undefined ? undefined : sentences[code]) ?? openFileLimit(error)?.reason ?? `the connection failed (${code ?? error.message})`
  )
}
