import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../tool.ts'
import { sizeOf } from './tree.ts'
import { compressionMs } from './package-of.ts'
import type { PackageOf } from './package-of.ts'

/** Makes a .deb of a folder: the same bytes for the same files and time. @returns its path */
export async function makeDeb(of: PackageOf): Promise<string> {
  const { name, root, out, time, description, maintainer } = of
  const version = debianVersion(of.version)
  const architecture = { any: 'all', x64: 'amd64', arm64: 'arm64' }[of.architecture]
  const fields = {
    Package: name,
    Version: version,
    Architecture: architecture,
    Maintainer: maintainer,
    'Installed-Size': String(Math.ceil((await sizeOf(root)) / 1024)),
    ...(of.depends === undefined ? {} : { Depends: of.depends.deb }),
    ...(of.homepage === undefined ? {} : { Homepage: of.homepage }),
    Description: description,
  }
  const control = Object.entries(fields).map(([field, value]) => `${field}: ${oneLine(value)}\n`)
  await mkdir(join(root, 'DEBIAN'))
  await writeFile(join(root, 'DEBIAN', 'control'), control.join(''))
  if (of.scripts) {
    await writeFile(join(root, 'DEBIAN', 'postinst'), of.scripts.installed, { mode: 0o755 })
    await writeFile(join(root, 'DEBIAN', 'prerm'), of.scripts.removing, { mode: 0o755 })
  }
  const file = join(out, `${name}_${version}_${architecture}.deb`)
  // xz is what every Debian and Ubuntu that is supported reads.
  await runTool('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', root, file], {
    env: { SOURCE_DATE_EPOCH: String(time) },
    limitMs: compressionMs,
  })
  return file
}

/** `1.4.0-rc.1` becomes `1.4.0~rc.1`, which sorts before `1.4.0`. */
function debianVersion(version: string): string {
  return version.replace('-', '~')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
