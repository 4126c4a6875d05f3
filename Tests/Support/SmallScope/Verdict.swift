/// What was found of one history.
package struct Verdict: Equatable {
    /// Laws that are broken.
    package var broken: [String] = []
    /// What does not hold, and is known not to.
    package var known: Set<Limitation> = []
}

/// How a file that somebody deleted, or replaced, may stand at its path again. Nothing is lost by it.
///
/// A record says which edits it has seen, and not what each of several contents that met in it has seen: the deletion
/// of one of them loses to another one with which it meets.
package enum Limitation: String, Hashable, CaseIterable {
    /// Two contents met in a conflict. Each was done away with, at two devices that did not know of the other's deed:
    /// each deed loses to the other content, and when these meet, both are known to both, and the greater one stands.
    case bothSidesDeleted = "both sides of a conflict were done away with at the same time, and one came back"
    /// Of three contents the first met the second in a conflict. It was deleted then, and the third outlived the
    /// deletion; where the third meets the first, whose record knows of the second only, the counts of edits decide.
    case deletedAmongThree = "one of three that met was deleted, and came back"
    /// Somebody renamed what stood at a path while his device had heard of another file for it. That one follows the
    /// move; what others made of it at the old path at the same time, or that they deleted it there, does not.
    case followedAMove = "a file followed a move that met it, and its deletion or edit did not"
}
