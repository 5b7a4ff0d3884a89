/** The path of a user's picture. The hash makes it another path for another picture, so browsers may keep it. */
export const picturePath = (userId: string, hash: string): string => `/api/users/${userId}/picture?v=${hash}`;
