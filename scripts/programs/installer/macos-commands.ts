/** One command of a build for macOS, with the words that it must print where its exit code says too little. */
export interface MacCommand {
  argv: string[]
  says?: RegExp
}

/** The variables that signing and notarizing need. */
export const MACOS_VARIABLES = ['APPLE_ID', 'APPLE_ID_PASSWORD', 'APPLE_TEAM_ID', 'DEVELOPER_ID'] as const

/** Programs that exist only on macOS. */
export const MACOS_PROGRAMS = ['codesign', 'hdiutil', 'spctl', 'xcrun'] as const

/** The oldest macOS that builds. */
export const OLDEST_MACOS = 13

/**
 * The commands that make a signed disk image, in order. Values of variables stand as `$NAME`, as a shell writes them;
 * `@env:NAME` is read by notarytool itself, so that no password is in the list of processes.
 * @param stage the folder with the files, and `apps` the bundles in it
 */
export function macosCommands(of: {
  title: string
  stage: string
  apps: readonly string[]
  image: string
  notarize: boolean
}): MacCommand[] {
  const { title, stage, apps, image, notarize } = of
  const identity = ['--force', '--timestamp', '--sign', '$DEVELOPER_ID']
  const account = [
    '--apple-id',
    '$APPLE_ID',
    '--team-id',
    '$APPLE_TEAM_ID',
    '--password',
    '@env:APPLE_ID_PASSWORD',
  ]
  return [
    ...apps.flatMap((app): MacCommand[] => [
      { argv: ['codesign', ...identity, '--deep', '--options', 'runtime', `${stage}/${app}`] },
      { argv: ['codesign', '--verify', '--strict', '--deep', `${stage}/${app}`] },
    ]),
    { argv: ['hdiutil', 'create', '-volname', title, '-srcfolder', stage, '-format', 'UDZO', '-ov', image] },
    { argv: ['codesign', ...identity, image] },
    { argv: ['codesign', '-dvv', image], says: /^Authority=Developer ID Application: /m },
    ...(notarize
      ? [
          // It ends with 0 for an image that was refused too.
          {
            argv: ['xcrun', 'notarytool', 'submit', image, ...account, '--wait'],
            says: /^\s*status: Accepted$/m,
          },
          { argv: ['xcrun', 'stapler', 'staple', image] },
          { argv: ['xcrun', 'stapler', 'validate', image] },
          { argv: ['spctl', '-a', '-vv', '-t', 'install', image], says: /: accepted$/m },
        ]
      : []),
  ]
}
