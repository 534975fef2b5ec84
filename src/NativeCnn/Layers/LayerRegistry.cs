using System.Collections.Concurrent;
using System.Text.Json;

namespace NativeCnn.Layers;

/// <summary>
/// The kinds of layers that files can hold, and how each is read. A kind of one's own is added with <see
/// cref="Register"/>.
/// </summary>
public static partial class LayerRegistry
{
    // Not initialised here: every layer's file adds its kinds, in an order that the compiler chooses.
    private static ConcurrentDictionary<string, Func<JsonElement, Layer>>? readers;

    /// <summary>The kinds, sorted.</summary>
    public static IReadOnlyList<string> Kinds => [.. readers!.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Adds a kind of layer, so that files with it can be read.</summary>
    /// <param name="kind">Its <see cref="Layer.Kind"/>.</param>
    /// <param name="read">
    /// Makes the layer from the JSON object that <see cref="Layer.WriteOptions"/> wrote; <see cref="LayerJson"/> helps.
    /// It throws <see cref="FormatException"/> for an option that is missing or wrong.
    /// </param>
    /// <exception cref="ArgumentException">There is such a kind already.</exception>
    public static void Register(string kind, Func<JsonElement, Layer> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentNullException.ThrowIfNull(read);
        if (!readers!.TryAdd(kind, read))
            throw new ArgumentException($"There is a kind of layer '{kind}' already.", nameof(kind));
    }

    /// <summary>
    /// The layer that a JSON object describes; its weights are what the file has, so initialisers are not kept.
    /// </summary>
    /// <exception cref="FormatException">The kind is unknown, or an option is missing or of the wrong type.</exception>
    internal static Layer Read(string kind, JsonElement json)
    {
        if (!readers!.TryGetValue(kind, out Func<JsonElement, Layer>? read))
            throw new FormatException(
                $"'{kind}' is no kind of layer that this program knows; a kind of your own has to be registered first (LayerRegistry.Register)"
            );
        Layer layer = read(json);
        return layer.Kind == kind
            ? layer
            : throw new FormatException($"the kind '{kind}' was read as a layer of kind '{layer.Kind}'");
    }

    // Adds a kind; the result is what a static field can be initialised with.
    private static bool Add(string kind, Func<JsonElement, Layer> read) => (readers ??= []).TryAdd(kind, read);
}
