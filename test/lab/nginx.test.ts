import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Component, startComponent } from '../../scripts/lab/servers/component.ts'
import { anotherPort } from '../../scripts/lab/servers/ports.ts'
import {
  type RunningLab,
  cleanUp,
  colorsOf,
  runScript,
  startLab,
  tempDir,
  untilUp,
} from '../scripts/support.ts'

let lab: RunningLab
let nginx: Component
let url: string
let include: string
let flags: string[]

beforeAll(async () => {
  lab = await startLab(await tempDir())
  const artifact = join(lab.dir, 'artifacts', 'storefront-1.3.0')
  await runScript('deploy.ts', '--color', 'green', '--artifact', artifact, '--lab', lab.admin)
  const folder = join(lab.dir, 'nginx')
  await mkdir(folder)
  const { colors } = await lab.state()
  const port = await anotherPort(0, 0, [])
  url = `http://127.0.0.1:${port}`
  include = join(folder, 'colors.conf')
  const config = join(folder, 'nginx.conf')
  const host = (address: string): string => new URL(address).host
  await writeFile(
    include,
    `server ${host(colors.blue.url)} weight=100; # blue\nserver ${host(colors.green.url)} down; # green\n`,
  )
  await writeFile(
    config,
    `daemon off;\npid ${join(folder, 'nginx.pid')};\nerror_log ${join(folder, 'error.log')};\nevents {}\nhttp {\n  access_log off;\n  client_body_temp_path ${folder};\n  upstream app { include ${include}; }\n  server { listen 127.0.0.1:${port}; location / { proxy_pass http://app; } }\n}\n`,
  )
  nginx = startComponent('nginx', ['-c', config, '-p', folder], folder, () => undefined)
  await untilUp(nginx, () => fetch(url))
  flags = [
    '--adapter',
    'nginx',
    '--include',
    include,
    '--config',
    config,
    '--pid',
    join(folder, 'nginx.pid'),
    '--url',
    url,
  ]
})

afterAll(async () => {
  await nginx.stop()
  await cleanUp()
})

test('the plan states what a reload may cost, and changes nothing', async () => {
  const before = await readFile(include, 'utf8')
  const ran = await runScript('traffic.ts', 'set', '--green', '50', '--dry-run', ...flags)
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('may reset about 1 in 1,000 requests')])
  expect(await readFile(include, 'utf8')).toBe(before)
})

test('weights are set by a reload and read back from the answers', async () => {
  expect(await runScript('traffic.ts', 'set', '--green', '10', ...flags)).toMatchObject({
    code: 0,
    stderr: '',
  })
  const colors = await colorsOf(
    url,
    Array.from({ length: 600 }, (_, index) => `user-${index}`),
  )
  expect(Math.abs((colors.get('green')?.length ?? 0) - 60)).toBeLessThanOrEqual(3 * Math.sqrt(54))
  expect(await runScript('traffic.ts', 'set', '--green', '100', ...flags)).toMatchObject({
    code: 0,
    stderr: '',
  })
  expect((await runScript('traffic.ts', 'live', ...flags)).stdout).toBe('green\n')
})

test('a file that was changed without a reload is not believed', async () => {
  const text = await readFile(include, 'utf8')
  await writeFile(
    include,
    text.replace('down; # blue', 'weight=100; # blue').replace('weight=100; # green', 'down; # green'),
  )
  const ran = await runScript('traffic.ts', 'show', ...flags)
  expect([ran.code, ran.stderr]).toEqual([
    1,
    expect.stringContaining('nginx has not loaded what the file says'),
  ])
  await writeFile(include, text)
})

test('a candidate that nginx refuses leaves the file in use as it was', async () => {
  const config = join(lab.dir, 'nginx', 'nginx.conf')
  const [good, before] = [await readFile(config, 'utf8'), await readFile(include, 'utf8')]
  await writeFile(config, good.replace('events {}', 'evnets {}'))
  const ran = await runScript('traffic.ts', 'set', '--green', '50', ...flags)
  await writeFile(config, good)
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('nginx refused the new weights')])
  expect(await readFile(include, 'utf8')).toBe(before)
})
