import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { git } from '../../scripts/lib/git.ts'
import { cleanUp, runScript, tempDir } from '../scripts/support.ts'
import type { Ran } from '../scripts/support.ts'
import { imageRegistry } from '../support/servers/image-registry.ts'

let registry: Awaited<ReturnType<typeof imageRegistry>>
let shop: string
let out: string

beforeAll(async () => {
  const folder = await tempDir()
  registry = await imageRegistry(join(folder, 'registry'))
  shop = join(folder, 'shop')
  out = join(folder, 'build')
  mkdirSync(join(shop, 'src'), { recursive: true })
  writeFileSync(join(shop, 'package.json'), JSON.stringify({ name: 'shop', version: '1.4.0' }))
  writeFileSync(join(shop, 'src/index.html'), '<p>%VERSION%</p>\n')
  writeFileSync(join(shop, 'Containerfile'), 'FROM scratch\nCOPY src /app\nUSER 1000\n')
  writeFileSync(join(shop, 'Containerfile.root'), 'FROM scratch\nCOPY src /app\n')
  await git(shop, ['init', '-q'])
  await commit('Add a shop')
})

afterAll(async () => {
  registry[Symbol.dispose]()
  await cleanUp()
})

async function commit(subject: string): Promise<void> {
  await git(shop, ['add', '.'])
  await git(shop, ['-c', 'user.name=T', '-c', 'user.email=t@example.com', 'commit', '-qm', subject])
}

async function images(...args: string[]): Promise<Ran> {
  return await runScript('images.ts', ...args)
}

async function build(...more: string[]): Promise<Ran> {
  return await images('build', '--version', '1.4.0', '--repository', shop, '--out', out, ...more)
}

test('the images of a commit are made for both processors, pushed once and read back by another program', async () => {
  const dry = await build('--dry-run')
  expect([dry.code, dry.stdout], dry.stderr).toEqual([
    0,
    expect.stringContaining('buildah exists on Linux alone'),
  ])
  const built = await build('--entrypoint', '/app/server')
  expect([built.code, built.stdout], built.stderr).toEqual([
    0,
    expect.stringMatching(
      /images\/shop-1\.4\.0 {2}sha256:[0-9a-f]{64}\n {2}linux\/amd64 +sha256:.*, user 1000:1000\n {2}linux\/arm64 +sha256:.*, user 1000:1000\n$/,
    ),
  ])
  const digest = /sha256:[0-9a-f]{64}/.exec(built.stdout)?.[0] ?? ''
  expect(
    (await build('--entrypoint', '/app/server')).stdout,
    'the same commit gives the same digest',
  ).toContain(digest)
  const folder = join(out, 'images/shop-1.4.0')
  const to = `${registry.host}/shop/web:1.4.0`
  const pushed = await images('push', folder, '--to', to)
  expect([pushed.code, pushed.stdout], pushed.stderr).toEqual([
    0,
    expect.stringContaining(`+ ${to}  ${digest}\n`),
  ])
  expect((await images('push', folder, '--to', to)).stdout).toContain(`= ${to}  ${digest}\n`)
  const seen = execFileSync('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${to}`], {
    encoding: 'utf8',
  })
  const { manifests } = JSON.parse(seen) as { manifests: { platform: { architecture: string } }[] }
  expect(manifests.map(({ platform }) => platform.architecture)).toEqual(['amd64', 'arm64'])
  expect(await images('check', to, '--digest', digest)).toMatchObject({ code: 0 })
  const config = execFileSync('skopeo', ['inspect', '--config', '--tls-verify=false', `docker://${to}`], {
    encoding: 'utf8',
  })
  expect(JSON.parse(config)).toMatchObject({
    config: {
      User: '1000:1000',
      Entrypoint: ['/app/server'],
      Labels: { 'org.opencontainers.image.version': '1.4.0' },
    },
  })

  const folderOfKeys = join(out, 'keys')
  mkdirSync(folderOfKeys)
  for (const name of ['release', 'stranger'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folderOfKeys, name)])
  const signers = join(folderOfKeys, 'allowed_signers')
  const publicKey = readFileSync(join(folderOfKeys, 'release.pub'), 'utf8')
  writeFileSync(signers, `release@example.com namespaces="image@runbook" ${publicKey}`)
  const sign = async (key: string, name: string): Promise<Ran> => {
    vi.stubEnv('RELEASE_SIGNING_KEY', join(folderOfKeys, key))
    const ran = await images('push', folder, '--to', name, '--signature', join(folderOfKeys, `${key}.sig`))
    vi.unstubAllEnvs()
    return ran
  }
  const verify = (key: string, name: string): Promise<Ran> =>
    images(
      'check',
      name,
      '--signature',
      join(folderOfKeys, `${key}.sig`),
      '--signers',
      signers,
      '--signer',
      'release@example.com',
    )
  expect((await sign('release', to)).stdout).toContain(`= ${to}`)
  const signed = await verify('release', to)
  expect([signed.code, signed.stdout], signed.stderr).toEqual([
    0,
    expect.stringContaining('signed by release@example.com'),
  ])
  // The same digest under another name, and a key that is not listed.
  const copy = `${registry.host}/shop/copy:1.4.0`
  expect((await sign('stranger', copy)).code).toBe(0)
  for (const [key, name] of [
    ['release', copy],
    ['stranger', copy],
  ] as const) {
    const refused = await verify(key, name)
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('The signature of the image does not verify'),
    ])
  }

  writeFileSync(join(shop, 'src/index.html'), '<p>another %VERSION%</p>\n')
  await commit('Change the page')
  expect((await build()).code).toBe(0)
  const other = await images('push', folder, '--to', to)
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('is another image')])
  expect(await images('check', to, '--digest', digest)).toMatchObject({ code: 0 })
})

test('an image whose processes are root’s is refused when it is built, and when a registry has it', async () => {
  expect((await build('--user', 'root')).stderr).toContain('The user `root` is root')
  const first = await build('--containerfile', 'Containerfile')
  expect([first.code, first.stdout], first.stderr).toEqual([
    0,
    expect.stringMatching(/ {2}sha256:[0-9a-f]{64}\n {2}linux\/amd64 .*\n {2}linux\/arm64 /),
  ])
  for (let again = 0; again < 3; again++)
    expect(
      (await build('--containerfile', 'Containerfile')).stdout,
      'the same commit gives the same digest',
    ).toBe(first.stdout)
  const root = await build('--containerfile', 'Containerfile.root')
  expect([root.code, root.stderr]).toEqual([
    1,
    expect.stringContaining(
      "its processes on linux/amd64 are root's (user ``); its processes on linux/arm64",
    ),
  ])
  // Made by other means.
  const folder = join(out, 'images/shop-1.4.0')
  const to = `${registry.host}/shop/rooted:1.4.0`
  const where = ['--root', join(out, 'store'), '--runroot', join(out, 'run'), '--storage-driver', 'vfs']
  const buildah = (...args: string[]): string =>
    execFileSync('buildah', [...where, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const container = buildah('from', 'scratch').trim()
  buildah('config', '--user', '0', container)
  buildah('commit', container, 'rooted')
  buildah('manifest', 'create', 'list')
  buildah('manifest', 'add', 'list', 'rooted')
  buildah('manifest', 'push', '--all', '--tls-verify=false', 'list', `docker://${to}`)
  const checked = await images('check', to)
  expect([checked.code, checked.stderr]).toEqual([
    1,
    expect.stringMatching(
      /it has no image for linux\/arm64; its processes on linux\/amd64 are root's \(user `0`\)/,
    ),
  ])
  expect(readFileSync(join(folder, 'oci-layout'), 'utf8')).toContain('imageLayoutVersion')
})
