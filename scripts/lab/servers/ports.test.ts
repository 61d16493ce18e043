import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { anotherPort, hold } from './ports.ts'

test('the port of a stopped color is held from other labs, and refuses connections', async () => {
  const port = await anotherPort(0, 0, [])
  await using held = await hold(port)
  expect(held).toBeDefined()
  expect(await hold(port)).toBeUndefined()
  const [error] = (await once(connect({ port, host: '127.0.0.1' }), 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
})
