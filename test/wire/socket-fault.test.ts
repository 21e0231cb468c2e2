import { expect, test } from 'vitest'
import { socketFault } from '../../src/wire/socket-fault.ts'

function withCode(code: string): Error {
  return Object.assign(new Error(`read ${code}`), { code })
}

test.each([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ECONNRESET', 'the peer reset the connection'],
  ['EPIPE', 'the peer closed the connection'],
  ['EHOSTUNREACH', 'no route to the peer'],
  ['EMFILE', 'the limit of open files, ulimit -n, is reached'],
])('%s is told as: %s', (code, sentence) => {
  expect(socketFault(withCode(code))).toBe(sentence)
})

test('an error that nobody foresaw keeps its code, or its message', () => {
  expect(socketFault(withCode('EPROTO'))).toBe('the connection failed (EPROTO)')
  expect(socketFault(new Error('something odd'))).toBe('the connection failed (something odd)')
})
