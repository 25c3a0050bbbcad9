export { makeDiskStore } from './disk.ts'
export {
  type MediaFile,
  type MediaFolder,
  type MediaName,
  type MediaStore,
  MediaStoreError,
  newMediaName,
  parseMediaName,
  type StoredFile,
} from './media-store.ts'
export { makeS3Store, type S3Settings } from './s3.ts'
