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
    private static ConcurrentDictionary<string, LayerKind>? kinds;

    /// <summary>The kinds, sorted.</summary>
    public static IReadOnlyList<string> Kinds => [.. kinds!.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Adds a kind of layer, so that files with it can be read.</summary>
    /// <param name="kind">Its <see cref="Layer.Kind"/>.</param>
    /// <param name="read">
    /// Makes the layer from the options that <see cref="Layer.WriteOptions"/> wrote. It throws <see
    /// cref="FormatException"/> for an option that is missing or wrong; members that it does not ask for are refused.
    /// </param>
    /// <exception cref="ArgumentException">There is such a kind already.</exception>
    public static void Register(string kind, Func<LayerOptions, Layer> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentNullException.ThrowIfNull(read);
        if (!kinds!.TryAdd(kind, new LayerKind(kind, read)))
            throw new ArgumentException($"There is a kind of layer '{kind}' already.", nameof(kind));
    }

    /// <summary>What is known of a kind, or null if there is none of this name.</summary>
    internal static LayerKind? Find(string kind) => kinds!.GetValueOrDefault(kind);

    /// <summary>The layer that a JSON object describes.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="json">The object.</param>
    /// <param name="besides">Members that may be there though no layer asks for them.</param>
    /// <exception cref="FormatException">
    /// The kind is unknown, or an option is missing, unknown or not what it must be; <see cref="MemberException"/>
    /// where it is a member's fault.
    /// </exception>
    internal static Layer Read(string kind, JsonElement json, params IReadOnlyList<string> besides)
    {
        return Find(kind) is { } known ? known.Read(json, besides) : throw new FormatException(Unknown(kind));
    }

    /// <summary>What is wrong with a kind that is not known, with all that are.</summary>
    internal static string Unknown(string kind)
    {
        string meant = Spelling.Nearest(kind, Kinds) is { } nearest ? $" (did you mean '{nearest}'?)" : "";
        return $"'{LayerJson.Shown(kind)}' is no kind of layer that this program knows{meant}; it knows "
            + $"{string.Join(", ", Kinds)}; a kind of your own has to be registered first (LayerRegistry.Register)";
    }

    // Adds a kind; the result is what a static field can be initialised with.
    private static bool Add(string kind, Func<LayerOptions, Layer> read) =>
        (kinds ??= []).TryAdd(kind, new LayerKind(kind, read));
}

/// <summary>A kind of layer in files.</summary>
/// <param name="name">Its name.</param>
/// <param name="read">Makes a layer of it.</param>
internal sealed class LayerKind(string name, Func<LayerOptions, Layer> read)
{
    private readonly Lazy<LayerKindDescription> _description = new(() => Describe(read));

    /// <summary>The options of such layers, learnt by asking the reader.</summary>
    public LayerKindDescription Description => _description.Value;

    /// <summary>Makes a layer.</summary>
    /// <exception cref="FormatException">An option is missing, unknown or not what it must be.</exception>
    public Layer Read(JsonElement json, IReadOnlyList<string> besides)
    {
        var options = new LayerOptions(json);
        // Before what is missing: a name that is mistyped is both.
        if (Description.IsComplete)
            CheckNames(json, Description.Options, besides);
        Layer layer = read(options);
        if (!Description.IsComplete)
            CheckNames(json, options.Asked, besides);
        return layer.Kind == name
            ? layer
            : throw new FormatException($"the kind '{name}' was read as a layer of kind '{layer.Kind}'");
    }

    private static void CheckNames(
        JsonElement json,
        IReadOnlyCollection<LayerOption> options,
        IReadOnlyList<string> besides
    )
    {
        HashSet<string> known = [.. options.Select(option => option.Name), .. besides];
        foreach (JsonProperty member in json.EnumerateObject())
        {
            if (!known.Contains(member.Name))
                throw MemberException.Unknown(MemberPath.Root, member.Name, known);
        }
    }

    private static LayerKindDescription Describe(Func<LayerOptions, Layer> read)
    {
        var options = new LayerOptions();
        try
        {
            Layer example = read(options);
            return new LayerKindDescription([.. options.Asked], example);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // A kind of somebody's own may refuse the examples: then only what it asked for until then is known.
            return new LayerKindDescription([.. options.Asked], null);
        }
    }
}

/// <summary>What a reader asks for.</summary>
/// <param name="Options">The options.</param>
/// <param name="Example">A layer with defaults and examples, or null where the reader refused these.</param>
internal sealed record LayerKindDescription(IReadOnlyList<LayerOption> Options, Layer? Example)
{
    /// <summary>Whether these are all options.</summary>
    public bool IsComplete => Example is not null;
}
