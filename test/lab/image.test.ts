import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leftOutside } from '../../scripts/package.ts'
import { makeBinary } from '../../scripts/programs/single-file/make-binary.ts'
import { makeImage } from '../../scripts/programs/single-file/make-image.ts'
import { commandStep, page } from '../support/workspace.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'image-'))
const rootfs = join(folder, 'rootfs')
const archive = join(folder, 'image.tar')

/**
 * A base of this machine's own files, in the place of Debian's image, which a registry has: a shell, the programs of
 * the steps below, and the libraries of all of them and of the file.
 */
function base(programs: readonly string[], binary: string): string {
  const layout = join(folder, 'base')
  for (const program of [...programs, binary]) {
    const files = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)
    const own = program === binary ? [] : [program]
    for (const file of [...own, ...[...files].map(([, path = '']) => path)]) {
      const target = join(layout, file.replace(/^\/(bin|sbin|lib|lib64)\//, '/usr/$1/'))
      mkdirSync(dirname(target), { recursive: true })
      copyFileSync(realpathSync(file), target)
    }
  }
  for (const name of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(layout, name))
  symlinkSync('bash', join(layout, 'usr/bin/sh'))
  for (const name of ['etc', 'tmp', 'proc', 'dev', 'runbooks']) mkdirSync(join(layout, name))
  for (const name of ['passwd', 'group'])
    writeFileSync(join(layout, 'etc', name), 'root:x:0:0:root:/:/bin/sh\n')
  const store = join(folder, 'store')
  const buildah = (...args: string[]): string =>
    execFileSync(
      'buildah',
      ['--root', join(store, 'r'), '--runroot', join(store, 'rr'), '--storage-driver', 'vfs', ...args],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ).trim()
  const container = buildah('from', 'scratch')
  buildah('copy', '--chown', '0:0', container, layout, '/')
  buildah('commit', '--quiet', container, `docker-archive:${join(folder, 'base.tar')}:base:1`)
  return `docker-archive:${join(folder, 'base.tar')}`
}

beforeAll(async () => {
  const binary = await makeBinary(repository, join(folder, 'program'), leftOutside)
  const image = base(['/bin/bash', '/bin/cat', '/usr/bin/id'], binary.file)
  await makeImage({
    root: repository,
    binary,
    version: '1.2.3',
    time: 1_764_000_000,
    archive,
    base: { image, packages: '' },
  })
  unpack()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Lays the layers of the image over each other, as an engine of containers does. */
function unpack(): void {
  const layout = join(folder, 'layers')
  mkdirSync(rootfs, { recursive: true })
  execFileSync('skopeo', ['copy', '--quiet', `oci-archive:${archive}`, `dir:${layout}`])
  const { layers } = JSON.parse(readFileSync(join(layout, 'manifest.json'), 'utf8')) as {
    layers: { digest: string }[]
  }
  for (const { digest } of layers)
    execFileSync('tar', ['-xzf', join(layout, digest.replace('sha256:', '')), '-C', rootfs])
}

/** Calls the program of the image as its user, with a read-only root, a tmpfs on /tmp and a workspace. */
function run(workspace: string, args: readonly string[]) {
  const script = `set -e
mount --bind "$ROOT" "$ROOT"
mount --bind "$WORKSPACE" "$ROOT/runbooks"
mount -t tmpfs tmpfs "$ROOT/tmp" && chmod 1777 "$ROOT/tmp"
mount --rbind /proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -o remount,bind,ro "$ROOT"
exec chroot --userspec=10001:10001 "$ROOT" /usr/bin/bash -c 'cd /runbooks && exec "$@"' - /usr/local/bin/runbook "$@"`
  return spawnSync('unshare', ['--mount', '--propagation', 'private', 'bash', '-c', script, '-', ...args], {
    encoding: 'utf8',
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/tmp',
      ROOT: rootfs,
      WORKSPACE: workspace,
      RUNBOOK_ACTOR: 'ada@example.com',
    },
  })
}

test('the image names a user without rights, its version, and what is inside', () => {
  const config = execFileSync('skopeo', ['inspect', '--config', `oci-archive:${archive}`], {
    encoding: 'utf8',
  })
  expect(JSON.parse(config)).toMatchObject({
    created: '2025-11-24T16:00:00Z',
    config: {
      User: '10001:10001',
      Entrypoint: ['/usr/local/bin/runbook'],
      WorkingDir: '/runbooks',
      Labels: { 'org.opencontainers.image.version': '1.2.3' },
    },
  })
  expect(readFileSync(join(rootfs, 'usr/local/share/doc/runbook/sbom.cdx.json'), 'utf8')).toContain(
    'pkg:npm/zod',
  )
})

test('on a read-only root it runs, checks and verifies a runbook as that user', () => {
  const workspace = join(folder, 'workspace')
  mkdirSync(join(workspace, 'content/runbooks'), { recursive: true })
  writeFileSync(
    join(workspace, 'content/runbooks/a.mdx'),
    page(
      commandStep('one', 'id -u; echo here > seen; ! echo x > /usr/x') +
        commandStep('two', 'runbook --version'),
    ),
  )
  for (const path of ['', 'content', 'content/runbooks']) chmodSync(join(workspace, path), 0o777)
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    version: string
  }
  expect(run(workspace, ['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` })
  for (const args of [['check'], ['exec', 'a', '--yes'], ['verify', 'last']]) {
    const { status, stdout, stderr } = run(workspace, args)
    expect(status, stdout + stderr).toBe(0)
  }
  const { stdout } = run(workspace, ['log', 'last'])
  expect(stdout).toContain('10001')
  expect(stdout).toContain('Read-only file system')
})
