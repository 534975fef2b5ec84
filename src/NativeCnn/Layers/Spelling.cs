namespace NativeCnn.Layers;

/// <summary>What somebody may have meant who mistyped a word.</summary>
internal static class Spelling
{
    private const int LongestWord = 64;

    /// <summary>
    /// The end of a sentence about an unknown word: the nearest of the known ones, or where none is near, all of them.
    /// </summary>
    /// <param name="word">The word.</param>
    /// <param name="known">The words that are known.</param>
    /// <param name="introduction">What comes before all of them.</param>
    /// <param name="most">How many are listed at most.</param>
    public static string Suggestion(string word, IReadOnlyCollection<string> known, string introduction, int most) =>
        Nearest(word, known) is { } nearest ? $" (did you mean '{nearest}'?)"
        : known.Count == 0 ? ""
        : known.Count <= most ? $"; {introduction} {string.Join(", ", known)}"
        : "";

    /// <summary>The word that takes the fewest changes of a letter, if these are few; else null.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length > LongestWord)
            return null;
        string plain = Plain(word);
        (string? nearest, int least) = (null, 1 + Math.Max(1, word.Length / 3));
        foreach (string candidate in known)
        {
            int changes = Changes(plain, Plain(candidate));
            if (changes < least)
                (nearest, least) = (candidate, changes);
        }
        return nearest;
    }

    // max_pooling, MaxPooling and max-pooling are one word.
    private static string Plain(string word) =>
        new([.. word.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);

    // Letters to put in, take out or replace (Levenshtein's distance), or two neighbours to swap.
    private static int Changes(string from, string to)
    {
        var table = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
            table[i, 0] = i;
        for (int j = 0; j <= to.Length; j++)
            table[0, j] = j;
        for (int i = 1; i <= from.Length; i++)
        for (int j = 1; j <= to.Length; j++)
        {
            int same = table[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
            table[i, j] = Math.Min(same, 1 + Math.Min(table[i - 1, j], table[i, j - 1]));
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
        }
        return table[from.Length, to.Length];
    }
}
