import packageFile from '../../package.json' with { type: 'json' }

/** Of this software, as every result names it. */
export const softwareVersion: string = packageFile.version
