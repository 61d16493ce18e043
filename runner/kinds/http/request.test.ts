import { expect, test } from 'vitest'
import { parseRequest } from './request.ts'
import { orThrow, problemOf } from '../../model/problem.ts'

test('a request is a line, headers by their lower-case names, and a body', () => {
  expect(orThrow(parseRequest('POST https://x.example/a\nContent-Type: application/json\n\n{\n\n}'))).toEqual(
    {
      method: 'POST',
      url: 'https://x.example/a',
      headers: { 'content-type': 'application/json' },
      body: '{\n\n}',
    },
  )
  expect(orThrow(parseRequest('GET http://127.0.0.1/\n\n\n'))).toEqual({
    method: 'GET',
    url: 'http://127.0.0.1/',
    headers: {},
  })
})

test.each([
  ['FETCH http://x.example/', 'Unexpected first line'],
  ['GET ftp://x.example/', 'Unexpected address `ftp://x.example/`'],
  ['GET http://admin:hunter2@x.example/', 'Unexpected name or password in the address'],
  ['GET http://x.example/\nno header', 'Unexpected header line `no header`'],
  // The platform would send the host of the address all the same.
  ['GET http://127.0.0.1/\nHost: shop.example', 'Unexpected header `Host`, which is made from the address'],
  ['POST http://x.example/\nContent-Length: 3\n\nhello', 'Unexpected header `Content-Length`'],
  ['GET http://x.example/\nA: 1\na: 2', 'Unexpected header `a`, expected it once'],
  ['GET http://x.example/\nA: ☃', 'Unexpected header `A`, whose value holds what no header can'],
  ['GET http://x.example/\n\nhello', 'Unexpected body of a GET request'],
])('%j is refused before it is sent', (text, problem) => {
  expect(problemOf(parseRequest(text))).toContain(problem)
})
