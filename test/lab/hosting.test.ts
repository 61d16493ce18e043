import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startComponent } from '../../scripts/lab/servers/component.ts'
import { anotherPort } from '../../scripts/lab/servers/ports.ts'
import { tempDir, untilUp } from '../scripts/support.ts'

const pages = {
  'index.html': 'home',
  '404.html': 'searches',
  'runbooks/rollback/index.html': 'rollback',
  'embed/runbooks/rollback/index.html': 'rollback in a frame',
  'sw.js': '// offline',
  '_astro/page.css': 'a {}',
}

test('the nginx configuration of the hosting page serves pages, the page for what is missing, and its headers', async () => {
  const folder = await tempDir()
  const root = join(folder, 'site')
  for (const [name, text] of Object.entries(pages)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  const guide = await readFile(join(import.meta.dirname, '../../content/docs/hosting.md'), 'utf8')
  const [server = '', frames = ''] = [...guide.matchAll(/```nginx\n([\s\S]*?)```/g)].map(
    ([, text = '']) => text,
  )
  const port = await anotherPort(0, 0, [])
  const config = join(folder, 'nginx.conf')
  const ours = server
    .replace(/\}\s*$/, `${frames}}\n`)
    .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replace('/srv/runbooks', root)
  expect(ours).not.toBe(server)
  await writeFile(
    config,
    `daemon off;\npid ${folder}/nginx.pid;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\n  access_log off;\n  client_body_temp_path ${folder};\n  ${ours}}\n`,
  )
  const nginx = startComponent('nginx', ['-c', config, '-p', folder], folder, () => undefined)
  onTestFinished(() => nginx.stop())
  const url = `http://127.0.0.1:${port}`
  await untilUp(nginx, () => fetch(url))

  const get = async (path: string): Promise<[number, string, Headers]> => {
    const answer = await fetch(`${url}${path}`)
    return [answer.status, await answer.text(), answer.headers]
  }
  const [status, text, headers] = await get('/runbooks/rollback/')
  expect([status, text]).toEqual([200, 'rollback'])
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toBe("frame-ancestors 'none'")
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  const [, framed, own] = await get('/embed/runbooks/rollback/')
  expect([framed, own.get('content-security-policy')]).toEqual([
    'rollback in a frame',
    'frame-ancestors https://backstage.example',
  ])
  expect((await get('/alerts/Unknown/?instance=a')).slice(0, 2)).toEqual([404, 'searches'])
  expect((await get('/sw.js'))[2].get('cache-control')).toBe('no-cache')
  expect((await get('/_astro/page.css'))[2].get('cache-control')).toContain('immutable')
})
