using System.Reflection;
using NativeCnn.Formats;
using NativeCnn.Interop;
using NativeCnn.Training;

namespace NativeCnn.Tests.PublicApi;

/// <summary>
/// Every public constructor, method and property is called with arguments of which one is wrong: null, disposed,
/// another network's, oversized, negative, NaN, unknown. It answers, or throws what the documentation names.
/// </summary>
public sealed class PublicApiTests
{
    // Generous: only what never comes back is found by it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // What is asked for may be had: gigabytes on a large machine, or a run without end.
    private static readonly string[] LargeByRequest =
    [
        "Tensor..ctor",
        "Arena..ctor",
        "Parameter.get_Value",
        "AlexNet.Create",
        "AlexNet2012.Create",
        "Vgg.Create",
    ];

    public static TheoryData<string> Types =>
        [.. typeof(ModelFile).Assembly.GetExportedTypes().Where(IsCalled).Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_member_answers_wrong_arguments_with_a_documented_exception(string name)
    {
        Type type = typeof(ModelFile).Assembly.GetType(name, throwOnError: true)!;
        List<string> faults = [];
        string place = "";
        var thread = new Thread(() =>
        {
            try
            {
                foreach (MethodBase member in Members(type))
                    Try(member, at => place = at, faults);
            }
#pragma warning disable CA1031 // On a thread of its own it would end the process.
            catch (Exception e)
            {
                faults.Add($"{place}: {e}");
            }
#pragma warning restore CA1031
        })
        {
            IsBackground = true,
        };
        thread.Start();
        Assert.True(thread.Join(Patience), $"{place} does not come back.");
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    private static bool IsCalled(Type type) =>
        !type.IsEnum && !type.IsInterface && !type.ContainsGenericParameters && !type.IsByRefLike;

    // Members that an ancestor declares are called there.
    private static IEnumerable<MethodBase> Members(Type type) =>
        type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .OfType<MethodBase>()
            .Where(member => !member.IsAbstract || !type.IsAbstract)
            .Where(member => member is not ConstructorInfo || !type.IsAbstract)
            .Where(member => member.Name is not ("Equals" or "GetHashCode" or "Deconstruct" or "<Clone>$"))
            .Where(member => !member.Name.StartsWith("op_", StringComparison.Ordinal))
            .Where(member => !LargeByRequest.Contains($"{type.Name}.{member.Name}"))
            .Select(member =>
                member is MethodInfo { IsGenericMethodDefinition: true } method
                    ? method.MakeGenericMethod([.. method.GetGenericArguments().Select(_ => typeof(float))])
                    : member
            );

    private static void Try(MethodBase member, Action<string> at, List<string> faults)
    {
        Action<object?, object?[]> invoke = Invoker.For(member);
        Type[] types = [.. member.GetParameters().Select(parameter => Invoker.ArgumentType(parameter.ParameterType))];
        bool hasTarget = member is MethodInfo { IsStatic: false };
        at($"{member.DeclaringType!.Name}.{member.Name}");
        Call(null, -1);
        for (int i = 0; i < types.Length; i++)
        {
            int count = Count(types[i]);
            for (int k = 0; k < count; k++)
                Call(null, i, k);
        }
        if (!hasTarget)
            return;
        // On a disposed object, or on a structure that no constructor made.
        if (typeof(IDisposable).IsAssignableFrom(member.DeclaringType))
            Call(target => ((IDisposable)target).Dispose(), -1);

        void Call(Action<object>? spoil, int wrong, int k = 0)
        {
            using var arguments = new Arguments();
            object?[] values = [.. types.Select(arguments.Right)];
            object? target = hasTarget ? arguments.Right(member.DeclaringType!) : null;
            if (wrong >= 0)
                values[wrong] = arguments.Wrong(types[wrong]).ElementAt(k);
            if (target is not null)
                spoil?.Invoke(target);
            string text = wrong < 0 ? (spoil is null ? "right" : "disposed") : $"{wrong}: {Text(values[wrong])}";
            at($"{member.DeclaringType!.Name}.{member.Name}({text})");
            try
            {
                invoke(target, values);
            }
            catch (Exception e)
            {
                if (!IsDocumented(e))
                    faults.Add(
                        $"{member.DeclaringType.Name}.{member.Name}({text}) throws {e.GetType().Name}: {e.Message} {Place(e)}"
                    );
            }
        }
    }

    private static int Count(Type type)
    {
        using var arguments = new Arguments();
        return arguments.Wrong(type).Count();
    }

    private static bool IsDocumented(Exception e) =>
        e
            is ArgumentException
                or InvalidOperationException
                or NotSupportedException
                or IOException
                or UnauthorizedAccessException
                or InsufficientMemoryException
                or FormatException
                or KeyNotFoundException
                or NativeLibraryException
                or TrainingDivergedException;

    private static string Text(object? value) =>
        value is Array array ? $"[{string.Join(", ", array.Cast<object?>().Select(Text))}]"
        : value is string text ? $"'{text.Replace("\0", "\\0", StringComparison.Ordinal)}'"
        : value is null ? "null"
        : value.GetType().IsValueType && value.Equals(Activator.CreateInstance(value.GetType())) ? "default"
        : value.ToString()!;

    private static string Place(Exception e) =>
        e.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains(" in /", StringComparison.Ordinal))?.Trim()
        ?? "";
}
