import { readdir, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { runTool } from '../tool.ts'
import { compressionMs } from './package-of.ts'
import type { PackageOf } from './package-of.ts'

/** Makes an .rpm of a folder: the same bytes for the same files and time. @returns its path */
export async function makeRpm(of: PackageOf & { work: string }): Promise<string> {
  const { name, root, out, time, work } = of
  const architecture = { any: 'noarch', x64: 'x86_64', arm64: 'aarch64' }[of.architecture]
  const spec = join(work, `${name}.spec`)
  await writeFile(spec, specOf(of, await topOf(root)))
  const macros = {
    _topdir: join(work, 'rpm'),
    _buildhost: 'localhost',
    _rpmdir: join(work, 'rpms'),
    _build_id_links: 'none',
    // The content is finished: stripping or compressing it would change what was tested.
    __os_install_post: '%{nil}',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    // Of the payload: xz at its default level, in one thread, which gives the same bytes on each machine.
    _binary_payload: 'w6.xzdio',
  }
  const defined = Object.entries(macros).flatMap(([macro, value]) => ['--define', `${macro} ${value}`])
  const env = { SOURCE_DATE_EPOCH: String(time), PACKAGE_ROOT: root }
  const limitMs = compressionMs
  await runTool('rpmbuild', ['-bb', '--quiet', '--target', architecture, ...defined, spec], { env, limitMs })
  const [made = ''] = await readdir(join(work, 'rpms', architecture))
  const file = join(out, basename(made))
  await rename(join(work, 'rpms', architecture, made), file)
  return file
}

/** The content comes from a variable, so that no path is read as a macro. */
function specOf(of: PackageOf, files: readonly string[]): string {
  const line = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('%', '%%').trim()
  return [
    `Name: ${of.name}`,
    // A hyphen would begin the release; a tilde sorts a pre-release before its version.
    `Version: ${of.version.replace('-', '~').replaceAll('-', '_')}`,
    'Release: 1',
    `Summary: ${line(of.description)}`,
    `License: ${line(of.license)}`,
    `Packager: ${line(of.maintainer)}`,
    ...(of.homepage === undefined ? [] : [`URL: ${line(of.homepage)}`]),
    ...(of.depends === undefined ? [] : [`Requires: ${of.depends.rpm}`]),
    'AutoReqProv: no',
    '%description',
    line(of.description),
    '%install',
    'mkdir -p %{buildroot}',
    'cp -a "$PACKAGE_ROOT"/. %{buildroot}/',
    ...(of.scripts === undefined
      ? []
      : ['%post', shell(of.scripts.installed), '%preun', shell(of.scripts.removing)]),
    '%files',
    '%defattr(-,root,root)',
    ...files.map((path) => `"/${path.replaceAll('%', '%%')}"`),
    '',
  ].join('\n')
}

/** A script without its first line: rpm starts the shell itself. */
function shell(script: string): string {
  return script
    .replace(/^#!.*\n/, '')
    .replaceAll('%', '%%')
    .trim()
}

/** A folder that is ours alone and goes with the package: one below `opt`, and that of the documentation. */
const ownFolder = /^(?:opt|usr\/share\/doc)\/[^/]+(?=\/)/

/** The folders that are ours, and the files in folders that the system owns. */
async function topOf(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
  const own = paths.map((path) => ownFolder.exec(path)?.[0] ?? path)
  return [...new Set(own)].toSorted()
}
