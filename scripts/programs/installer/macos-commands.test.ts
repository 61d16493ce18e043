import { expect, test } from 'vitest'
import { macosCommands } from './macos-commands.ts'
import { macosNeeds } from './requirements.ts'

const image = '$STAGE/WireTuner-0.1.0.dmg'
const of = { title: 'WireTuner', stage: '$STAGE/files', apps: ['WireTuner.app'], image, notarize: true }

test('a disk image is signed, notarized, stapled and accepted, in this order', () => {
  expect(macosCommands(of).map(({ argv }) => argv.join(' '))).toEqual([
    'codesign --force --timestamp --sign $DEVELOPER_ID --deep --options runtime $STAGE/files/WireTuner.app',
    'codesign --verify --strict --deep $STAGE/files/WireTuner.app',
    'hdiutil create -volname WireTuner -srcfolder $STAGE/files -format UDZO -ov $STAGE/WireTuner-0.1.0.dmg',
    'codesign --force --timestamp --sign $DEVELOPER_ID $STAGE/WireTuner-0.1.0.dmg',
    'codesign -dvv $STAGE/WireTuner-0.1.0.dmg',
    'xcrun notarytool submit $STAGE/WireTuner-0.1.0.dmg --apple-id $APPLE_ID --team-id $APPLE_TEAM_ID --password @env:APPLE_ID_PASSWORD --wait',
    'xcrun stapler staple $STAGE/WireTuner-0.1.0.dmg',
    'xcrun stapler validate $STAGE/WireTuner-0.1.0.dmg',
    'spctl -a -vv -t install $STAGE/WireTuner-0.1.0.dmg',
  ])
})

test('without notarization nothing is sent to Apple', () => {
  const commands = macosCommands({ ...of, notarize: false }).map(({ argv }) => argv.join(' '))
  expect(commands.at(-1)).toBe('codesign -dvv $STAGE/WireTuner-0.1.0.dmg')
  expect(commands.join('\n')).not.toMatch(/notarytool|stapler/)
})

test('an image that Apple refused counts as refused, although notarytool ends with 0', () => {
  const submit = macosCommands(of).find(({ argv }) => argv.includes('submit'))
  expect(submit?.says?.test('  id: 1\n  status: Accepted\n')).toBe(true)
  expect(submit?.says?.test('  id: 1\n  status: Invalid\n')).toBe(false)
})

test('another system than macOS is named first, then every program and variable', () => {
  const missing = macosNeeds(true, { PATH: '/nowhere', APPLE_ID: 'a@example.com' }, 'linux')
  expect(missing.filter(({ ok }) => !ok).map(({ what }) => what)).toEqual([
    'macOS 13 or later',
    'the program codesign',
    'the program hdiutil',
    'the program spctl',
    'the program xcrun',
    'the variable APPLE_ID_PASSWORD',
    'the variable APPLE_TEAM_ID',
    'the variable DEVELOPER_ID',
  ])
})
