import type { Socket } from 'node:dgram'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bindUdp } from '../../src/discovery/bind-udp.ts'

describe('bindUdp', () => {
  test('binds any port', async () => {
    const socket = await bind(0)
    expect(socket.address()).toMatchObject({ address: '127.0.0.1', family: 'IPv4' })
    expect(socket.address().port).toBeGreaterThan(0)
  })

  test('takes one of the next ten ports when the wanted one is taken', async () => {
    const { port } = (await bind(0)).address()
    const next = (await bind(port)).address().port
    expect(next).not.toBe(port)
  })

  test('fails with a sentence and a hint when the port must be that one', async () => {
    const { port } = (await bind(0)).address()
    await expect(bindUdp({ host: '127.0.0.1', port }, true)).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: `Cannot listen on UDP 127.0.0.1:${port}: another program uses that port.`,
      hint: 'Choose another --port or --bind address, or leave them out.',
    })
  })

  test('fails at once when the address is not ours', async () => {
    await expect(bindUdp({ host: '203.0.113.1', port: 0 }, false)).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: 'Cannot listen on UDP 203.0.113.1:0: this machine has no such address.',
    })
  })

  test('binds IPv6 as well', async () => {
    expect((await bind(0, '::1')).address().family).toBe('IPv6')
  })
})

async function bind(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = await bindUdp({ host, port }, false)
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())))
  return socket
}
