import { expect, test } from 'vitest'
import { redactUrl } from '../../../src/web-seed/credentials/redact-url.ts'

test.each([
  ['https://user:secret@m.example:8443/a/b?signature=secret#secret', 'https://m.example:8443/a/b?...'],
  ['http://m.example', 'http://m.example/'],
  ['not a secret', 'a malformed URL'],
  [`http://m.example/${'a'.repeat(300)}`, `http://m.example/${'a'.repeat(183)}...`],
])('%s is shown as %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown)
})
