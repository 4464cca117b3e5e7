/** Texts of joining, unlocking, restoring and linking. */
export const door = {
  welcomeTitle: "Mail that only you and they can read",
  welcomeText: "Every message is sealed on your device and opened on theirs. Nobody in between can read it, not even the server.",
  unlockTitle: "Welcome back",
  passphrase: "Passphrase",
  unlock: "Unlock",
  wrongPassphrase: "That is not the passphrase.",
};
