import { msiVersion } from './msi.ts'
import type { Payload } from './payload.ts'

/**
 * The script of a setup program, as makensis reads it. It installs the files, writes an uninstaller and registers both.
 * @param folder the folder with the files, relative to that of the script
 * @param out the path of the program
 */
export function nsisScript(payload: Payload, folder: string, out: string): string {
  const { title, version, publisher, description, files } = payload
  const key = `Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\${payload.name}`
  const paths = files.map(({ path }) => path)
  const folders = [...new Set(paths.flatMap(foldersOf))].toSorted()
  return [
    'Unicode true',
    'SetCompressor /SOLID lzma',
    'RequestExecutionLevel admin',
    `Name ${text(`${title} ${version}`)}`,
    `OutFile ${text(out)}`,
    `InstallDir "$PROGRAMFILES64\\${title}"`,
    `VIProductVersion "${msiVersion(version)}.0"`,
    ...Object.entries({
      ProductName: title,
      ProductVersion: version,
      FileVersion: version,
      CompanyName: publisher,
      FileDescription: description,
      LegalCopyright: publisher,
    }).map(([name, value]) => `VIAddVersionKey "${name}" ${text(value)}`),
    'Section',
    ...['', ...folders].flatMap((directory) => [
      `  SetOutPath "$INSTDIR${directory === '' ? '' : `\\${windows(directory)}`}"`,
      ...paths
        .filter((path) => parentOf(path) === directory)
        .map((path) => `  File ${text(`${folder}/${path}`)}`),
    ]),
    '  WriteUninstaller "$INSTDIR\\uninstall.exe"',
    ...Object.entries({ DisplayName: title, DisplayVersion: version, Publisher: publisher }).map(
      ([name, value]) => `  WriteRegStr HKLM "${key}" "${name}" ${text(value)}`,
    ),
    `  WriteRegStr HKLM "${key}" "UninstallString" '"$INSTDIR\\uninstall.exe"'`,
    'SectionEnd',
    'Section "Uninstall"',
    ...paths.map((path) => `  Delete "$INSTDIR\\${windows(path)}"`),
    '  Delete "$INSTDIR\\uninstall.exe"',
    ...folders.toReversed().map((directory) => `  RMDir "$INSTDIR\\${windows(directory)}"`),
    '  RMDir "$INSTDIR"',
    `  DeleteRegKey HKLM "${key}"`,
    'SectionEnd',
    '',
  ].join('\n')
}

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/')
}

/** The folders above a file, the outermost first. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function windows(path: string): string {
  return path.replaceAll('/', '\\')
}

/** A string of NSIS, in which `$` begins a variable. */
function text(value: string): string {
  return `"${value
    .replaceAll('$', '$$$$')
    .replaceAll('"', String.raw`$\"`)
    .replaceAll(/\p{Cc}/gu, ' ')}"`
}
