import path from 'node:path'
import type { Client } from './client.ts'

/** curl, which writes what the mirror sends to the disk and checks nothing. */
export const curlClient: Pick<Client, 'name' | 'fetch'> = {
  name: 'curl',
  fetch: ({ directory, fileName, mirrorUrl = '' }) => ({
    words: ['curl', '--disable', '--silent', '--fail', '--output', path.join(directory, fileName), mirrorUrl],
  }),
}
