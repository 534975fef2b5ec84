using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using NativeCnn.Losses;

namespace NativeCnn.Tests.PublicApi;

/// <summary>
/// Calls a method or constructor with arguments from an array. Reflection cannot pass spans: here an array stands for
/// a span, and an array of class indices for <see cref="Targets"/>.
/// </summary>
internal static class Invoker
{
    public static Action<object?, object?[]> For(MethodBase member)
    {
        var method = new DynamicMethod(
            member.Name,
            typeof(void),
            [typeof(object), typeof(object[])],
            typeof(Invoker).Module,
            skipVisibility: true
        );
        ILGenerator il = method.GetILGenerator();
        Type owner = member.DeclaringType!;
        if (!member.IsStatic && !member.IsConstructor)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(owner.IsValueType ? OpCodes.Unbox : OpCodes.Castclass, owner);
        }
        else if (IsCalledByAddress(member))
        {
            il.Emit(OpCodes.Ldtoken, owner);
            il.Emit(OpCodes.Call, typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!);
            il.Emit(OpCodes.Call, typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.GetUninitializedObject))!);
            il.Emit(OpCodes.Castclass, owner);
        }
        ParameterInfo[] parameters = member.GetParameters();
        for (int i = 0; i < parameters.Length; i++)
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldelem_Ref);
            Convert(il, parameters[i].ParameterType);
        }
        if (IsCalledByAddress(member))
        {
            il.Emit(OpCodes.Ldc_I8, member.MethodHandle.GetFunctionPointer());
            il.Emit(OpCodes.Conv_I);
            Type[] types = [.. parameters.Select(parameter => parameter.ParameterType)];
            il.EmitCalli(OpCodes.Calli, CallingConventions.HasThis, typeof(void), types, null);
            il.Emit(OpCodes.Ret);
            return method.CreateDelegate<Action<object?, object?[]>>();
        }
        if (member is ConstructorInfo constructor)
            il.Emit(OpCodes.Newobj, constructor);
        else
            il.Emit(owner.IsValueType || member.IsStatic ? OpCodes.Call : OpCodes.Callvirt, (MethodInfo)member);
        if (member is MethodInfo { ReturnType: var task } && typeof(Task).IsAssignableFrom(task))
            il.Emit(
                OpCodes.Call,
                typeof(Invoker).GetMethod(nameof(Wait), BindingFlags.NonPublic | BindingFlags.Static)!
            );
        else if (member is not MethodInfo { ReturnType: var result } || result != typeof(void))
            il.Emit(OpCodes.Pop);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Action<object?, object?[]>>();
    }

    // .NET 10.0 puts objects on the stack that escape, where it inlines some of the constructors with closures into the
    // method that is made here, and the process ends (DOTNET_JitObjectStackAllocation=0 or DOTNET_TieredPGO=0 help too).
    private static bool IsCalledByAddress(MethodBase member) =>
        member is ConstructorInfo { IsStatic: false, DeclaringType: { IsValueType: false, IsAbstract: false } };

    /// <summary>The type of the argument that stands for a parameter.</summary>
    public static Type ArgumentType(Type parameter)
    {
        Type type = parameter.IsByRef ? parameter.GetElementType()! : parameter;
        if (type == typeof(Targets))
            return typeof(int[]);
        return type.IsByRefLike ? type.GetGenericArguments()[0].MakeArrayType() : type;
    }

    // What a task throws is what its method throws.
    private static void Wait(Task task) => task.GetAwaiter().GetResult();

    private static void Convert(ILGenerator il, Type parameter)
    {
        Type argument = ArgumentType(parameter);
        if (parameter.IsByRef)
        {
            il.Emit(OpCodes.Unbox, argument);
            return;
        }
        il.Emit(OpCodes.Unbox_Any, argument);
        if (parameter == typeof(Targets))
        {
            il.Emit(OpCodes.Call, typeof(ReadOnlySpan<int>).GetMethod("op_Implicit", [typeof(int[])])!);
            il.Emit(OpCodes.Call, typeof(Targets).GetMethod(nameof(Targets.Classes))!);
        }
        else if (parameter.IsByRefLike)
            il.Emit(OpCodes.Call, parameter.GetMethod("op_Implicit", [argument])!);
    }
}
