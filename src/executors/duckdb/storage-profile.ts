export {
  endOfTransfer,
  leastTransferUs,
  prepareRead,
  type StorageProfile,
  storageProfiles,
} from "../store/storage-profile.ts";
